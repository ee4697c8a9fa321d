/** What all of Track's schemas are made of: the envelope, paging, days, values that may be null. */
import { type Static, type TSchema, Type } from 'typebox';

/** No further fields, whose names are mistakes. */
export function strict<T extends Record<string, TSchema>>(properties: T) {
  return Type.Object(properties, { additionalProperties: false });
}

export function oneOf<T extends string>(values: readonly T[], options: object = {}) {
  return Type.Unsafe<T>({ type: 'string', enum: [...values], ...options });
}

/** JSON null or the type: `{type: ['string', 'null']}`, which explains itself in messages. */
export function nullable<T extends TSchema>(schema: T, options: object = {}) {
  const { type, enum: values } = schema as unknown as { type: string; enum?: unknown[] };
  return Type.Unsafe<Static<T> | null>({
    ...schema,
    type: [type, 'null'],
    ...(values && { enum: [...values, null] }),
    ...options,
  });
}

export function envelope<T extends TSchema>(data: T) {
  return Type.Object({ success: Type.Literal(true), data });
}

export function listEnvelope<T extends TSchema>(row: T) {
  const meta = Type.Object({
    page: Type.Integer(),
    per_page: Type.Integer(),
    total: Type.Integer(),
    next_cursor: Type.Optional(
      nullable(Type.String({ description: 'Give it as `cursor` for the rows behind these' })),
    ),
  });
  return Type.Object({ success: Type.Literal(true), data: Type.Array(row), meta });
}

export const paging = {
  page: Type.Integer({ minimum: 1, maximum: 1_000_000, default: 1, description: 'Page number' }),
  per_page: Type.Integer({ minimum: 1, maximum: 100, default: 20, description: 'Rows a page' }),
};

const Day = Type.String({ format: 'date', description: 'A day, YYYY-MM-DD' });
export const range = { from: Type.Optional(Day), to: Type.Optional(Day) };

/** Numbers beyond what an id can be are nobody’s: a 404, not an error of form. */
export const Id = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER });
export const IdParams = strict({ id: Id });

export const Moment = Type.String({ examples: ['2024-01-15T10:30:00Z'] });

export const Deleted = envelope(Type.Object({ id: Type.Integer(), deleted: Type.Literal(true) }));
