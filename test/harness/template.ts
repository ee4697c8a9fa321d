/** Names that the run's set-up and the test files share. */
export const TEMPLATE = 'cloakroom_template';

/** The same server, another database. */
export function urlOf(server: string, database: string): string {
  const url = new URL(server);
  url.pathname = `/${database}`;
  return url.href;
}
