/** Every route of Track; each is its schema and one line of work. */
import type { App } from '../../kernel/http/edge.ts';
import { showUsage } from '../../kernel/http/limits.ts';
import type { TrackContext } from './context.ts';
import { campaignRoutes, settingsRoutes, sourceRoutes } from './routes/campaigns.ts';
import { eventRoutes, linkRoute } from './routes/events.ts';
import { fraudRoutes, statisticsRoutes } from './routes/statistics.ts';
import { Token, TokenRequest } from './schema/token.ts';
import { issueToken } from './token.ts';

export function trackRoutes(app: App, context: TrackContext): void {
  app.post(
    '/api/v1/auth/token',
    {
      config: { auth: 'none' },
      schema: {
        summary: 'A token, good for 24 hours, for email and password or for API key and secret',
        body: TokenRequest,
        response: { 200: Token },
      },
    },
    async ({ body, ip }, reply) => {
      const { token, expiresInS, usage } = await issueToken(context.kernel, body, ip);
      showUsage(usage, reply);
      return { success: true as const, token, expires_in: expiresInS };
    },
  );
  campaignRoutes(app, context);
  sourceRoutes(app, context);
  settingsRoutes(app, context);
  eventRoutes(app, context);
  statisticsRoutes(app, context);
  fraudRoutes(app, context);
  linkRoute(app, context);
}
