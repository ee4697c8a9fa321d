/**
 * The way out of campaign mail: a link that works with one POST and no questions (RFC 8058). GET only
 * shows a button, because link scanners follow every link.
 */
import type { FastifyReply } from 'fastify';
import type { Db } from '../../../kernel/db/schema.ts';
import { Fault } from '../../../kernel/fault.ts';
import type { App } from '../../../kernel/http/edge.ts';
import type { MailDeps } from '../deps.ts';
import { TokenParams } from '../schema.ts';
import { findOutgoing, findRecipient } from '../store/delivery-store.ts';
import { type Recipient, readToken } from './return-path.ts';
import { suppress } from './suppressions.ts';

export function addUnsubscribeRoutes(app: App, deps: MailDeps): void {
  app.register(async (scope) => {
    // The one-click request is a form, RFC 8058 3.2; its content says nothing that we need.
    scope.addContentTypeParser(
      ['application/x-www-form-urlencoded', 'multipart/form-data'],
      { parseAs: 'string' },
      (_request, _body, done) => done(null, undefined),
    );
    const config = { auth: 'none' as const };
    scope.get(
      '/u/:token',
      { config, schema: { summary: 'The page of an unsubscribe link', params: TokenParams } },
      (request, reply) => {
        readWish((request.params as { token: string }).token, deps);
        return page(
          reply as FastifyReply,
          'Unsubscribe',
          '<form method="post"><button>Send me no more mail</button></form>',
        );
      },
    );
    scope.post(
      '/u/:token',
      { config, schema: { summary: 'Unsubscribe with one click', params: TokenParams } },
      async (request, reply) => {
        const wish = readWish((request.params as { token: string }).token, deps);
        await deps.kernel.database.tx((tx) => unsubscribe(tx, deps, wish));
        return page(
          reply as FastifyReply,
          'Done',
          '<p>You will get no more mail from this sender.</p>',
        );
      },
    );
  });
}

/** Puts the recipient on the sender's suppression list; once more changes nothing. */
export async function unsubscribe(
  tx: Db,
  deps: MailDeps,
  { messageId, position }: Recipient,
): Promise<void> {
  const message = await findOutgoing(tx, messageId);
  const recipient = message && (await findRecipient(tx, messageId, position));
  if (!recipient) return;
  const from = `${messageId}:${position}`;
  await suppress(tx, deps, message.organizationId, { ...recipient, from }, 'unsubscribe');
}

function readWish(token: string, { vault }: MailDeps): Recipient {
  const recipient = readToken(token, 'unsubscribe', vault);
  if (recipient) return recipient;
  throw new Fault(
    'not_found',
    'This unsubscribe link is not complete. Copy it whole from the message.',
  );
}

function page(reply: FastifyReply, title: string, content: string) {
  return reply
    .type('text/html; charset=utf-8')
    .header(
      'content-security-policy',
      "default-src 'none'; form-action 'self'; frame-ancestors 'none'",
    )
    .header('referrer-policy', 'no-referrer')
    .send(
      `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${title}</title></head><body><main><h1>${title}</h1>${content}</main></body></html>`,
    );
}
