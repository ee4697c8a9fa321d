/** Where a Gate flow sends a visitor of a tracking link. */
import type { IncomingMessage } from 'node:http';
import type { Link } from './link-cache.ts';

export type Route =
  | { kind: 'destination' }
  /** To the campaign's fallback page, or to the flow's own page where the campaign has none. */
  | { kind: 'fallback'; url: string | null }
  /** A verified crawler that the flow does not admit: shown neither page. */
  | { kind: 'refused' };

/** Gate's decision, as the composition root passes it in. Null: there is no such flow. */
export type Decide = (input: {
  organizationId: string;
  flowId: number;
  ip: string;
  userAgent: string | null;
  url: string | null;
  headers?: Record<string, string>;
}) => Promise<{ page: 'money' | 'white' | 'refuse'; whiteUrl: string | null } | null>;

/** Asks the flow; where there is none any more, everybody goes to the destination. */
export function routeBy(decide: Decide) {
  return async (
    { row }: Link,
    request: IncomingMessage,
    ip: string,
    userAgent: string,
  ): Promise<Route> => {
    if (row.flowId === null) return { kind: 'destination' };
    const decision = await decide({
      organizationId: row.organizationId,
      flowId: row.flowId,
      ip,
      userAgent,
      url: request.url ?? null,
      headers: textHeaders(request),
    });
    if (!decision || decision.page === 'money') return { kind: 'destination' };
    if (decision.page === 'refuse') return { kind: 'refused' };
    return { kind: 'fallback', url: decision.whiteUrl };
  };
}

function textHeaders({ headers }: IncomingMessage): Record<string, string> {
  const texts: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (name === 'cookie' || name === 'authorization' || value === undefined) continue;
    texts[name] = typeof value === 'string' ? value : value.join(', ');
  }
  return texts;
}
