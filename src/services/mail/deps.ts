/** What the functions of Mail work with. */
import type { promises as dns } from 'node:dns';
import type { Kernel } from '../../kernel/index.ts';
import type { Transport } from './outbound/transport.ts';
import type { Vault } from './vault.ts';

/** Rewrites the links of a message so that their clicks are measured; Track's, when it is there. */
export type TrackLinks = (message: {
  organizationId: string;
  text?: string;
  html?: string;
}) => Promise<{ text?: string; html?: string }>;

export interface MailDeps {
  kernel: Kernel;
  vault: Vault;
  /** By which hop mail from this domain leaves. */
  transportFor(domain: string): Transport;
  resolver: dns.Resolver;
  trackLinks?: TrackLinks;
}

/** The domain that stands in where none is configured: its mail stays in the development mailbox. */
export const DEVELOPMENT_DOMAIN = 'cloakroom.localhost';
