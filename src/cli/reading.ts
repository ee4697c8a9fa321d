/** Documents are read here as the installation's settings say, without its server. */
import { ConfigError, loadDocumentConfig } from '../config.ts';

/**
 * The languages of pictures and the model of names that are set, from now on. Loads the code of
 * Redact, which takes half a second. Throws `ConfigError` where a setting cannot be used.
 */
export async function readAsSet(): Promise<void> {
  const { ocrLanguages: languages, ocrDataDir: dataDir, nerModel } = loadDocumentConfig();
  const redact = await import('../services/redact/index.ts');
  redact.configureOcr({ languages, dataDir });
  redact.configureModel(nerModel);
  const problem = await redact.problemOfModel();
  if (problem !== null) throw new ConfigError([`CLOAKROOM_NER_MODEL: ${problem}`]);
}
