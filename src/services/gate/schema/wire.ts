/** Pieces that several of the wire schemas share. */
import { type Static, type TSchema, Type } from 'typebox';
import { VERDICTS } from '../judge/settings.ts';

/** An id as the original has them: a whole number. */
export const Id = Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER });
export const IdParams = Type.Object({ id: Id }, { additionalProperties: false });
export const Time = Type.String({ description: '`YYYY-MM-DD HH:MM:SS`, UTC.' });
export const Verdict = Type.Enum([...VERDICTS]);
export const Ok = Type.Object({ ok: Type.Literal(true) });

/** The schema, or null: one `type` of two, which validates and serialises without trying each. */
export function nullable<T extends TSchema & { type: string }>(schema: T) {
  return Type.Unsafe<Static<T> | null>({ ...schema, type: [schema.type, 'null'] });
}

/** Query strings carry text: any of the usual ways to say yes or no. */
export const Flag = Type.Enum(['0', '1', 'true', 'false']);

export const IdempotencyHeaders = Type.Object({
  'idempotency-key': Type.Optional(
    Type.String({
      description: 'The same key and body give the first answer again, for a day.',
    }),
  ),
});
