/** What keys may do: read and write a resource of their service, each by itself. */
import type { ServiceName } from '../principal.ts';

/** Every scope that a key of the service can have. */
export const SCOPES: Record<ServiceName, readonly string[]> = {
  mail: [
    'aliases:read',
    'aliases:write',
    'campaigns:read',
    'campaigns:write',
    'emails:read',
    'emails:send',
    'analytics:read',
    'domains:read',
    'domains:write',
    'suppressions:read',
    'suppressions:write',
  ],
  track: [
    'campaigns:read',
    'campaigns:write',
    'traffic-sources:read',
    'traffic-sources:write',
    'clicks:read',
    'conversions:read',
    'conversions:write',
    'stats:read',
    'fraud:read',
    'fraud:write',
  ],
  gate: [
    'check',
    'keys:read',
    'keys:write',
    'flows:read',
    'flows:write',
    'rules:read',
    'rules:write',
    'stats:read',
  ],
  redact: [
    'documents:scan',
    'documents:redact',
    'jobs:read',
    'jobs:write',
    'usage:read',
    'documents:restore',
  ],
};
