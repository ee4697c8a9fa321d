/**
 * What a generated file carries: the flow, its key, where to ask. A file knows nothing of visitors; it
 * asks about each and shows the page that the answer names, or the white page where none comes.
 */
import { Fault } from '../../../kernel/fault.ts';
import type { Kernel } from '../../../kernel/index.ts';
import type { Principal } from '../../../kernel/principal.ts';
import { type FlowDeps, getFlow } from '../flows.ts';
import type { Flow } from '../judge/settings.ts';
import { sealSnippetToken } from './snippet-token.ts';

export interface Integration {
  flow: Flow;
  /** `https://gate.example.com/gate`: paths of the API lie below it. */
  base: string;
  key: string;
  /** Signs the cookie that remembers a visitor's page, on the visitor's own site. */
  cookieSecret: string;
  /** Stands for the flow and its key where everybody can read it. */
  snippetToken: string;
}

/** How long a visitor's page is remembered: about as long as a page view with its reloads. */
export const COOKIE_S = 300;

/** What a file waits for an answer. */
export const TIMEOUT_MS = 1_000;

/** Fault `not_found` for somebody else's flow, `conflict` where the flow has no key to call with. */
export async function integrationOf(
  deps: FlowDeps,
  principal: Principal,
  id: number,
): Promise<Integration> {
  const { kernel } = deps;
  const { flow } = await getFlow(deps, principal, id);
  return {
    flow,
    base: `${kernel.site.url}/gate`,
    key: await keyOf(kernel, principal, flow),
    cookieSecret: kernel.keyring.mac('gate-page-cookie', String(flow.id)).toString('hex'),
    snippetToken: sealSnippetToken(kernel.keyring, principal.organizationId, flow.id),
  };
}

async function keyOf(kernel: Kernel, { organizationId }: Principal, flow: Flow): Promise<string> {
  const { db } = kernel.database;
  const { keyId } = flow;
  const active = keyId === null ? null : await kernel.keys.activeAmong(db, [keyId]);
  if (keyId === null || !active?.has(keyId)) {
    throw new Fault('conflict', 'The flow has no API key in use. Give it one with key_id.');
  }
  return kernel.keys.reveal(db, organizationId, keyId);
}

/** Headers of visitors that a file passes on: what browsers say of themselves, and nothing private. */
export const PASSED_HEADERS = [
  'accept',
  'accept-language',
  'accept-encoding',
  'referer',
  'sec-ch-ua',
  'sec-ch-ua-mobile',
  'sec-ch-ua-platform',
  'sec-fetch-dest',
  'sec-fetch-mode',
  'sec-fetch-site',
  'sec-fetch-user',
  'sec-purpose',
] as const;
