/**
 * Blobs at rest: streamed, encrypted (AES-256-GCM in chunks, each bound to its file and place), with
 * an end. On local disk; S3 meets the same interface later.
 */
import type { Readable } from 'node:stream';
import type { Db } from '../db/schema.ts';

export interface StoredFile {
  id: string;
  sizeBytes: number;
  /** Hex SHA-256 of the plain content. */
  sha256: string;
}

export interface Files {
  /**
   * Stores a stream durably (fsync before it resolves). The file belongs to nobody until `keep` is
   * called with its id in a transaction; unkept ones are swept after an hour.
   * Fault `payload_too_large` past `maxBytes`; what was written is removed.
   */
  put(content: Readable | Uint8Array, options?: { maxBytes?: number }): Promise<StoredFile>;
  keep(tx: Db, fileId: string, organizationId: string, expiresAt?: Date): Promise<void>;
  /** Fault `not_found` where it is gone or expired; a damaged file fails while read. */
  read(fileId: string, organizationId: string): Promise<Readable>;
  bytes(fileId: string, organizationId: string): Promise<Buffer>;
  /** Marks for removal with the transaction; the bytes follow. */
  remove(tx: Db, fileIds: readonly string[]): Promise<void>;
}
