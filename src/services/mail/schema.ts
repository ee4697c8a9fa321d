/** The wire schemas of Mail: they validate, type and document. */
import { Type } from 'typebox';

const closed = { additionalProperties: false };
const Id = (description: string) => Type.String({ minLength: 1, maxLength: 64, description });
const Moment = Type.String({ description: 'ISO 8601 in UTC' });
const Nullable = <T extends ReturnType<typeof Type.String>>(type: T) =>
  Type.Union([type, Type.Null()]);
const Page = {
  limit: Type.Integer({ minimum: 1, maximum: 100, default: 50 }),
  offset: Type.Integer({ minimum: 0, maximum: 2_147_483_647, default: 0 }),
  asOf: Type.Optional(
    Type.String({
      format: 'date-time',
      pattern: '^[1-9]\\d{3}-.*Z$',
      description:
        'A moment in UTC. Only what was there by then: with the same one, arrivals move no page',
    }),
  ),
};
const Pagination = Type.Object({
  total: Type.Integer(),
  limit: Type.Integer(),
  offset: Type.Integer(),
});

export const NoQuery = Type.Object({}, closed);
export const PageQuery = Type.Object(Page, closed);
export const IdQuery = Type.Object({ id: Id('The id of the thing itself') }, closed);
export const Deleted = Type.Object({ id: Type.String(), deleted: Type.Boolean() });

const Health = Type.Enum(['healthy', 'warning', 'risky']);
const CampaignName = Type.Object({ id: Type.String(), name: Type.String() });
export const Alias = Type.Object({
  id: Type.String(),
  email: Type.String(),
  isActive: Type.Boolean(),
  healthStatus: Health,
  campaign: CampaignName,
  createdAt: Moment,
});
export const AliasList = Type.Object({
  aliases: Type.Array(
    Type.Object({
      id: Type.String(),
      email: Type.String(),
      isActive: Type.Boolean(),
      healthStatus: Health,
      campaign: CampaignName,
      stats: Type.Object({
        emailsSent: Type.Integer(),
        repliesReceived: Type.Integer(),
        bounces: Type.Integer(),
      }),
    }),
  ),
  pagination: Pagination,
});
export const AliasQuery = Type.Object(
  {
    id: Type.Optional(Id('One alias')),
    campaignId: Type.Optional(Id('Those of one campaign')),
    isActive: Type.Optional(Type.Boolean()),
    ...Page,
  },
  closed,
);
export const NewAlias = Type.Object(
  {
    email: Type.Optional(
      Type.String({ minLength: 3, maxLength: 254, description: 'Made up where left out' }),
    ),
    campaignId: Type.Optional(Id('The default campaign where left out')),
  },
  closed,
);
export const AliasChange = Type.Object(
  { isActive: Type.Optional(Type.Boolean()), campaignId: Type.Optional(Id('Another campaign')) },
  { ...closed, minProperties: 1 },
);

export const Campaign = Type.Object({
  id: Type.String(),
  name: Type.String(),
  aliasCount: Type.Integer(),
  createdAt: Moment,
});
export const CampaignList = Type.Object({
  campaigns: Type.Array(Campaign),
  pagination: Pagination,
});
export const CampaignBody = Type.Object(
  { name: Type.String({ minLength: 1, maxLength: 200 }) },
  closed,
);

const Address = (description: string) => Type.String({ minLength: 3, maxLength: 254, description });
export const NewEmail = Type.Object(
  {
    aliasId: Id('The alias to send from'),
    to: Address('The recipient'),
    subject: Type.String({ minLength: 1, maxLength: 900 }),
    text: Type.Optional(Type.String({ description: 'At least one of text or html is required' })),
    html: Type.Optional(Type.String()),
    cc: Type.Optional(Type.Array(Address('Copies'), { maxItems: 50 })),
    bcc: Type.Optional(Type.Array(Address('Blind copies'), { maxItems: 50 })),
    replyTo: Type.Optional(Address('Where answers go, if not to the alias')),
    inReplyTo: Type.Optional(
      Type.String({ maxLength: 900, description: 'Message-ID of what this answers' }),
    ),
    headers: Type.Optional(Type.Record(Type.String(), Type.String(), { maxProperties: 50 })),
    attachments: Type.Optional(
      Type.Array(
        Type.Object(
          {
            filename: Type.String({ minLength: 1, maxLength: 255 }),
            contentType: Type.Optional(Type.String({ maxLength: 127 })),
            content: Type.String({ description: 'base64' }),
          },
          closed,
        ),
        { maxItems: 20 },
      ),
    ),
    bulk: Type.Optional(
      Type.Boolean({ description: 'Campaign mail: ramped, with List-Unsubscribe' }),
    ),
    trackLinks: Type.Optional(Type.Boolean({ description: 'Measure the clicks of its links' })),
  },
  closed,
);
export const SentEmail = Type.Object({
  id: Type.String(),
  status: Type.Enum(['sent', 'queued', 'failed', 'bounced']),
  aliasId: Type.String(),
  to: Type.String(),
  subject: Type.String(),
  sentAt: Nullable(Moment),
  error: Type.Optional(Type.String()),
});
export const EmailQuery = Type.Object(
  {
    id: Type.Optional(Id('One message')),
    aliasId: Type.Optional(Id('Those of one alias')),
    direction: Type.Optional(Type.Enum(['INBOUND', 'OUTBOUND'])),
    ...Page,
  },
  closed,
);
export const EmailList = Type.Object({
  emails: Type.Array(
    Type.Object({
      id: Type.String(),
      direction: Type.Enum(['INBOUND', 'OUTBOUND']),
      status: Type.Enum(['queued', 'sent', 'failed', 'bounced', 'received']),
      aliasId: Type.String(),
      from: Type.String(),
      to: Type.String(),
      subject: Type.String(),
      sentAt: Nullable(Moment),
      receivedAt: Nullable(Moment),
      error: Nullable(Type.String()),
      events: Type.Array(
        Type.Object({ at: Moment, type: Type.String(), detail: Nullable(Type.String()) }),
      ),
    }),
  ),
  pagination: Pagination,
});

export const AnalyticsQuery = Type.Object(
  { period: Type.Enum(['7d', '14d', '30d'], { default: '7d' }) },
  closed,
);
export const Analytics = Type.Object({
  period: Type.String(),
  overview: Type.Object({ totalAliases: Type.Integer(), activeAliases: Type.Integer() }),
  health: Type.Object({
    healthy: Type.Integer(),
    warning: Type.Integer(),
    risky: Type.Integer(),
    score: Type.Integer(),
  }),
  emails: Type.Object({
    totalSent: Type.Integer(),
    totalReceived: Type.Integer(),
    totalBounces: Type.Integer(),
  }),
  rates: Type.Object({
    bounceRate: Type.Number(),
    replyRate: Type.Number(),
    complaintRate: Type.Number(),
  }),
});

const Record = Type.Object({
  purpose: Type.String(),
  type: Type.String(),
  name: Type.String(),
  value: Type.String(),
  required: Type.Boolean(),
  status: Type.Enum(['ok', 'missing', 'wrong', 'unknown']),
  found: Type.Array(Type.String()),
  problem: Nullable(Type.String()),
});
export const Domain = Type.Object({
  id: Type.String(),
  name: Type.String(),
  isVerified: Type.Boolean(),
  createdAt: Moment,
  records: Type.Array(Record),
});
export const DomainList = Type.Object({ domains: Type.Array(Domain), pagination: Pagination });
export const NewDomain = Type.Object(
  { name: Type.String({ minLength: 3, maxLength: 253 }) },
  closed,
);

export const SuppressionBody = Type.Object({ email: Address('Who gets no more mail') }, closed);
export const Suppression = Type.Object({
  email: Type.String(),
  reason: Type.Enum(['hard_bounce', 'complaint', 'unsubscribe', 'manual']),
  createdAt: Moment,
});
export const SuppressionList = Type.Object({
  suppressions: Type.Array(Suppression),
  pagination: Pagination,
});
export const SuppressionGone = Type.Object({ email: Type.String(), deleted: Type.Boolean() });
export const TokenParams = Type.Object({ token: Type.String({ maxLength: 100 }) }, closed);
