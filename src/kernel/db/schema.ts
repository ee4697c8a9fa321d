/**
 * The tables, as types. Each store adds its own by declaration merging, so that the kernel lists
 * none and a `Db` knows all:
 *
 *     declare module '../../kernel/db/schema.ts' {
 *       interface Schema { 'track.clicks': ClickTable }
 *     }
 */
import type { Kysely } from 'kysely';

// biome-ignore lint/suspicious/noEmptyInterface: filled by declaration merging
export interface Schema {}

/** A connection pool or a transaction: store functions do not care which. */
export type Db = Kysely<Schema>;
