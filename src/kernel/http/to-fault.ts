/** Everything that can be thrown below an edge, as one Fault. */
import type { FastifyError } from 'fastify';
import { databaseFault } from '../db/away.ts';
import { Fault } from '../fault.ts';
import { validationFault } from './validation.ts';

const BY_CODE: Record<string, () => Fault> = {
  FST_ERR_CTP_INVALID_MEDIA_TYPE: () =>
    new Fault('unsupported_media_type', 'This endpoint does not read that Content-Type.'),
  FST_INVALID_MULTIPART_CONTENT_TYPE: () =>
    new Fault('unsupported_media_type', 'This endpoint reads multipart/form-data.'),
  FST_ERR_CTP_BODY_TOO_LARGE: () =>
    new Fault('payload_too_large', 'The request body is too large.'),
  FST_REQ_FILE_TOO_LARGE: () => new Fault('payload_too_large', 'The file is too large.'),
  FST_FILES_LIMIT: () => new Fault('payload_too_large', 'The request has too many files.'),
  FST_PARTS_LIMIT: () => new Fault('payload_too_large', 'The request has too many parts.'),
  FST_FIELDS_LIMIT: () => new Fault('payload_too_large', 'The request has too many fields.'),
  // PostgreSQL's character_not_in_repertoire: U+0000, the one that its texts cannot hold.
  '22021': () => new Fault('invalid_request', 'Text must not contain the character U+0000.'),
  FST_ERR_BAD_URL: () =>
    new Fault('invalid_request', 'The address of the request is not valid percent-encoding.'),
};

export function toFault(error: unknown): Fault {
  if (error instanceof Fault) return error;
  const ofDatabase = databaseFault(error);
  if (ofDatabase) return ofDatabase;
  const { code, validation, validationContext, statusCode, message } =
    error as Partial<FastifyError>;
  if (validation) return validationFault(validation, validationContext ?? 'body');
  const known = code === undefined ? undefined : BY_CODE[code];
  if (known) return known();
  if (statusCode === 400) {
    return new Fault('invalid_request', `The request cannot be read: ${message ?? 'malformed'}`, {
      cause: error,
    });
  }
  return new Fault('internal', 'Something went wrong on our side. Please try again.', {
    cause: error,
  });
}
