/** Everything that an endpoint can ask for. A type that is not here cannot be emitted. */
export const WEBHOOK_TYPES = [
  'email.sent',
  'email.failed',
  'email.bounced',
  'email.complained',
  'email.replied',
  'alias.health_changed',
  'click.fraud',
  'conversion.created',
  'conversion.updated',
  'campaign.paused',
  'report.ready',
  'job.completed',
  'job.failed',
] as const;

export type WebhookType = (typeof WEBHOOK_TYPES)[number];

/** Every type, those of later versions too. */
export const ALL_TYPES = '*';
