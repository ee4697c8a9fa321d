/** What the routes work with. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Kernel } from '../../kernel/index.ts';

export interface TrackContext {
  kernel: Kernel;
  ownsFlow(organizationId: string, flowId: number): Promise<boolean>;
  /** Waits until the clicks that this process has taken are in the database, for a moment at most. */
  settle(): Promise<void>;
  /** Takes up a changed link on this node at once; the others hear of it. */
  refreshLink(campaignId: number): Promise<void>;
  refreshAllLinks(): Promise<void>;
  /** Answers a tracking link; false where this process does not. */
  redirect(request: IncomingMessage, response: ServerResponse): boolean;
}
