/** Whether the installation's own model of names, where there is one, can be loaded and run. */
import type { Config } from '../../config.ts';
import { type Finding, ok } from './finding.ts';

export async function checkModel({ nerModel }: Config): Promise<Finding[]> {
  const name = 'model of names';
  if (nerModel === undefined) return [ok(name, 'none but the shipped one')];
  const { configureModel, problemOfModel } = await import('../../services/redact/index.ts');
  configureModel(nerModel);
  const problem = await problemOfModel();
  if (problem === null) return [ok(name, nerModel)];
  const advice =
    'Mend the folder, or unset CLOAKROOM_NER_MODEL. docs/redact.md says what it needs.';
  return [{ name, status: 'fail', found: problem, advice }];
}
