/** What goes over the wire: these schemas validate, type and document. */
import { type TSchema, Type } from 'typebox';
import { ENTITY_TYPES } from './detect/entities.ts';
import { METHODS, STYLES } from './document.ts';
import { FRAMEWORK_IDS } from './frameworks/frameworks.ts';

const closed = { additionalProperties: false };
const names = (values: readonly string[]) => Type.Union(values.map((value) => Type.Literal(value)));
const oneOf = (values: readonly string[], options: object = {}) =>
  Type.Unsafe<string>({ type: 'string', enum: [...values], ...options });
const moment = Type.String({ examples: ['2026-01-03T10:00:00Z'] });
const orNull = <T extends TSchema>(schema: T) => Type.Union([schema, Type.Null()]);

/** Fields of a form that carries a document, the document apart. Lists: separated by commas, or repeated. */
export const DETECTION_FIELDS = {
  framework: Type.Optional(
    oneOf(FRAMEWORK_IDS, { description: 'What is looked for; default `pii`.' }),
  ),
  entities: Type.Optional(
    Type.Array(oneOf(ENTITY_TYPES), { description: 'Look for these types only.', maxItems: 100 }),
  ),
  exclude: Type.Optional(
    Type.Array(oneOf(ENTITY_TYPES), { description: 'Types that stay.', maxItems: 100 }),
  ),
  minConfidence: Type.Optional(
    Type.Number({ minimum: 0, maximum: 1, description: 'How sure a finding must be.' }),
  ),
  terms: Type.Optional(
    Type.Array(Type.String({ minLength: 1, maxLength: 200 }), {
      maxItems: 200,
      description:
        'Own words, or /patterns/ of letters, digits, classes and counts. One a line, or repeat the field.',
    }),
  ),
  language: Type.Optional(Type.String({ pattern: '^[a-z]{2}$', description: 'ISO 639-1.' })),
  password: Type.Optional(
    Type.String({ maxLength: 200, description: 'Opens an encrypted document.' }),
  ),
};

const REDACTION_FIELDS = {
  ...DETECTION_FIELDS,
  method: Type.Optional(
    oneOf(METHODS, {
      description: '`redact` takes away, `anonymize` puts stand-ins; default `redact`.',
    }),
  ),
  style: Type.Optional(
    oneOf(STYLES, { description: 'Stand-ins as `[EMAIL_1]`, or realistic from reserved ranges.' }),
  ),
  strict: Type.Optional(
    Type.Boolean({
      description: 'PDF: every page from which something goes becomes a picture of itself.',
    }),
  ),
};

export const ScanFields = Type.Object(DETECTION_FIELDS, closed);
export const RedactFields = Type.Object(REDACTION_FIELDS, closed);
export const JobFields = Type.Object(
  {
    ...REDACTION_FIELDS,
    webhookUrl: Type.Optional(
      Type.String({ maxLength: 2000, description: 'Gets job.completed or job.failed.' }),
    ),
    reversible: Type.Optional(
      Type.Boolean({ description: 'Keep the stand-ins, encrypted, for POST /api/v1/restore.' }),
    ),
  },
  closed,
);
export type JobForm = Type.Static<typeof JobFields>;
export type ScanForm = Type.Static<typeof ScanFields>;
export type RedactForm = Type.Static<typeof RedactFields>;

const upload = Type.Unsafe<string>({ type: 'string', format: 'binary' });
/** For OpenAPI: a form is read as a stream, so its fields are validated apart from its files. */
export const withFile = (fields: { properties: object }) =>
  Type.Object({ file: upload, ...(fields.properties as Record<string, TSchema>) }, closed);
export const withFiles = (fields: { properties: object }) =>
  Type.Object(
    {
      files: Type.Array(upload, { maxItems: 100 }),
      ...(fields.properties as Record<string, TSchema>),
    },
    closed,
  );

const Counts = Type.Record(Type.String(), Type.Integer());

export const ScanAnswer = Type.Object({
  success: Type.Literal(true),
  file: Type.Object({
    name: Type.String(),
    type: Type.String(),
    size: Type.Integer(),
    pageCount: Type.Integer(),
  }),
  framework: Type.String(),
  items: Type.Array(
    Type.Object({
      id: Type.String(),
      type: Type.String(),
      category: Type.String(),
      value: Type.String({ description: 'Masked.' }),
      confidence: Type.Number(),
      location: Type.Object({
        startIndex: Type.Integer(),
        endIndex: Type.Integer(),
        pageNumber: Type.Integer(),
        bbox: Type.Optional(
          Type.Object({
            x: Type.Number(),
            y: Type.Number(),
            width: Type.Number(),
            height: Type.Number(),
          }),
        ),
        part: Type.Optional(Type.String()),
        cell: Type.Optional(Type.String()),
      }),
    }),
  ),
  summary: Type.Object({ totalItems: Type.Integer(), byCategory: Counts, byType: Counts }),
  processingTimeMs: Type.Integer(),
});

export const JobCreated = Type.Object({
  success: Type.Literal(true),
  jobId: Type.String(),
  status: Type.String(),
  estimatedCredits: Type.Integer(),
  documentCount: Type.Integer(),
  statusUrl: Type.String(),
});

const JobHead = {
  id: Type.String(),
  status: names(['pending', 'processing', 'completed', 'failed', 'cancelled']),
  progress: Type.Integer(),
  framework: Type.String(),
  method: Type.String(),
  documentCount: Type.Integer(),
  estimatedCredits: Type.Integer(),
  error: orNull(Type.String()),
  createdAt: moment,
  completedAt: orNull(moment),
  expiresAt: moment,
};

export const JobResult = Type.Object({
  totalItemsDetected: Type.Integer(),
  totalItemsProcessed: Type.Integer(),
  totalCreditsUsed: Type.Integer(),
  documents: Type.Array(
    Type.Object({
      id: Type.String(),
      originalName: Type.String(),
      processedName: Type.String(),
      downloadUrl: Type.String(),
      itemsProcessed: Type.Integer(),
      creditsUsed: Type.Integer(),
      certificate: Type.Unknown(),
    }),
  ),
});

export const JobAnswer = Type.Object({
  success: Type.Literal(true),
  ...JobHead,
  documents: Type.Array(
    Type.Object({
      id: Type.String(),
      originalName: Type.String(),
      size: Type.Integer(),
      status: Type.String(),
      progress: Type.Integer(),
      itemsDetected: orNull(Type.Integer()),
      error: orNull(Type.String()),
    }),
  ),
  result: orNull(JobResult),
});

export const JobList = Type.Object({
  success: Type.Literal(true),
  jobs: Type.Array(Type.Object(JobHead)),
  pagination: Type.Object({
    limit: Type.Integer(),
    offset: Type.Integer(),
    total: Type.Integer(),
    hasMore: Type.Boolean(),
  }),
});

export const Paging = Type.Object(
  {
    limit: Type.Integer({ minimum: 1, maximum: 100, default: 20 }),
    offset: Type.Integer({ minimum: 0, maximum: 1_000_000_000, default: 0 }),
  },
  closed,
);
export const JobParams = Type.Object({ jobId: Type.String({ maxLength: 100 }) }, closed);
export const DownloadQuery = Type.Object(
  { documentId: Type.Optional(Type.String({ maxLength: 100 })) },
  closed,
);
export const NoQuery = Type.Object({}, closed);
export const Cancelled = Type.Object({
  success: Type.Literal(true),
  id: Type.String(),
  status: Type.Literal('cancelled'),
});

export const RestoreBody = Type.Object(
  {
    jobId: Type.String({ minLength: 1, maxLength: 100 }),
    text: Type.String({ minLength: 1, maxLength: 1_000_000 }),
  },
  closed,
);
export const RestoreAnswer = Type.Object({ success: Type.Literal(true), text: Type.String() });

export const UsageAnswer = Type.Object({
  success: Type.Literal(true),
  organization: Type.Object({ id: Type.String(), name: Type.String() }),
  credits: Type.Object({
    available: Type.Integer(),
    used: Type.Integer(),
    total: Type.Integer(),
  }),
  jobs: Type.Object({
    last30Days: Type.Object({
      completed: Type.Integer(),
      failed: Type.Integer(),
      total: Type.Integer(),
      creditsUsed: Type.Integer(),
    }),
  }),
});
