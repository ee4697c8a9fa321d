/** The nginx configuration of a flow: asks by `auth_request` (ngx_http_auth_request_module). */
import type { PageMode } from '../judge/settings.ts';
import { type Integration, TIMEOUT_MS } from './integration.ts';

export function nginxFile({ flow, base, key }: Integration): string {
  const { id } = flow;
  return String.raw`# generated cloaker — asks the server about each visitor of flow ${id}.
#
# Include it within a "server" block, and narrow "location /" to the page that visitors arrive at: each
# request that it answers costs one check. It shows the money page to whom the answer allows, an open
# 403 to crawlers that the flow does not admit, and the white page to everybody else: also when no
# answer comes within a second. It holds an API key: keep it out of public repositories.

location / {
    auth_request /_cloakroom_${id};
    error_page 401 500 502 503 504 = @cloakroom_white_${id};
    error_page 403 = @cloakroom_refused_${id};
    try_files /.cloakroom-none @cloakroom_money_${id};
}

location = /_cloakroom_${id} {
    internal;
    proxy_pass ${base}/api/v1/check/page?flow_id=${id};
    proxy_method GET;
    proxy_pass_request_body off;
    proxy_set_header Content-Length "";
    proxy_set_header Cookie "";
    proxy_set_header Authorization "";
    proxy_set_header Idempotency-Key "";
    proxy_set_header X-Api-Key "${key}";
    # Behind a proxy of your own, let the realip module set $remote_addr.
    proxy_set_header X-Visitor-Ip $remote_addr;
    proxy_set_header X-Visitor-Url $scheme://$host$request_uri;
    proxy_connect_timeout ${TIMEOUT_MS}ms;
    proxy_send_timeout ${TIMEOUT_MS}ms;
    proxy_read_timeout ${TIMEOUT_MS}ms;
}

location @cloakroom_money_${id} {
${pageNginx(flow.moneyMode, flow.moneyUrl)}
}

location @cloakroom_white_${id} {
${pageNginx(flow.whiteMode, flow.whiteUrl)}
}

location @cloakroom_refused_${id} {
    default_type text/plain;
    return 403 "Forbidden: this page admits no crawlers.\n";
}
`;
}

/** `local` is a file below the server's root. */
function pageNginx(mode: PageMode, page: string): string {
  const store = '    add_header Cache-Control "no-store, private" always;';
  if (mode === 'local')
    return `${store}\n    default_type text/html;\n    try_files /${page} =404;`;
  return `${store}\n    return 302 "${plainUrl(page)}";`;
}

/** Within quotes nginx reads variables and escapes; in an address they can be written otherwise. */
function plainUrl(url: string): string {
  return url.replace(/[$\\"'{}]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`);
}
