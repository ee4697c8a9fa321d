/** Rules: list, make, change, delete. */
import { Type } from 'typebox';
import type { App } from '../../../kernel/http/edge.ts';
import { changeRule, createRule, deleteRule, listRules } from '../rules.ts';
import { NewRule, RulePatch, RuleWire } from '../schema/rule.ts';
import { IdempotencyHeaders, IdParams, Ok } from '../schema/wire.ts';
import { ruleToWire } from '../wire.ts';
import type { RouteDeps } from './deps.ts';

const security = [{ bearer: [] }];
const read = { scope: 'rules:read' };
const write = { scope: 'rules:write' };

export function ruleRoutes(app: App, deps: RouteDeps): void {
  const { kernel, settings } = deps;

  app.get(
    '/api/v1/rules',
    {
      config: read,
      schema: {
        ...{ summary: 'List rules in the order in which they are looked at', security },
        response: { 200: Type.Object({ rules: Type.Array(RuleWire) }) },
      },
    },
    async ({ principal }) => ({ rules: (await listRules(deps, principal)).map(ruleToWire) }),
  );

  app.post(
    '/api/v1/rules',
    {
      config: write,
      schema: {
        summary: 'Make a rule',
        description:
          'The first active rule that matches decides, before the gates and signals of a flow. A rule cannot overrule integrity, and none may name the network of an ad platform.',
        ...{ security, headers: IdempotencyHeaders, body: NewRule, response: { 201: RuleWire } },
      },
    },
    async ({ principal, body, headers }, reply) => {
      const key = headers['idempotency-key'];
      const answer = await kernel.idempotency.run(
        principal,
        { key, operation: 'POST /gate/api/v1/rules', fingerprint: body },
        async (tx) => ({
          status: 201,
          body: ruleToWire(await createRule(deps, tx, principal, body)),
        }),
      );
      settings.forget(principal.organizationId);
      return reply.code(201).send(answer.body as RuleWire);
    },
  );

  app.patch(
    '/api/v1/rules/:id',
    {
      config: write,
      schema: {
        ...{ summary: 'Change a rule: only the fields given', security, params: IdParams },
        ...{ body: RulePatch, response: { 200: RuleWire } },
      },
    },
    async ({ principal, params, body }) =>
      ruleToWire(await changeRule(deps, principal, params.id, body)),
  );

  app.delete(
    '/api/v1/rules/:id',
    {
      config: write,
      schema: { summary: 'Delete a rule', security, params: IdParams, response: { 200: Ok } },
    },
    async ({ principal, params }) => {
      await deleteRule(deps, principal, params.id);
      return { ok: true as const };
    },
  );
}
