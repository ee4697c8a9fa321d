/**
 * Forms that carry documents, read as streams. A file over its limit is refused when the limit is
 * passed, not when the body has ended; with a Content-Length that says so, before it begins.
 */
import type { MultipartFile } from '@fastify/multipart';
import type { FastifyRequest } from 'fastify';
import type { TSchema } from 'typebox';
import { Fault, invalidField } from '../../kernel/fault.ts';
import { compileValidator, validationFault } from '../../kernel/http/validation.ts';

/** What boundaries, headers and fields of a form may take beside the files. */
const FORM_OVERHEAD_BYTES = 1024 * 1024;
const LISTS: Readonly<Record<string, RegExp>> = {
  entities: /\s{0,9},\s{0,9}/,
  exclude: /\s{0,9},\s{0,9}/,
  terms: /\r?\n/,
};

export interface FormLimits {
  fileField: 'file' | 'files';
  maxFiles: number;
  maxFileBytes: number;
  maxTotalBytes: number;
}

type Validator = ReturnType<typeof compileValidator>;

/** Compiles a form's fields; text becomes what the schema says, and lists come apart. */
export function formFields(schema: TSchema): Validator {
  return compileValidator(schema, 'querystring');
}

/**
 * Reads a form: `take` gets each file as a stream and must read it to its end. Gives the validated
 * fields and what `take` gave.
 * Faults: `unsupported_media_type`, `payload_too_large`, `invalid_request` (a field unknown, wrong,
 * twice; no file).
 */
export async function readForm<Fields, Taken>(
  request: FastifyRequest,
  limits: FormLimits,
  validate: Validator,
  take: (file: MultipartFile) => Promise<Taken>,
): Promise<{ fields: Fields; files: Taken[] }> {
  if (!request.isMultipart()) {
    throw new Fault('unsupported_media_type', 'Send the document as multipart/form-data.');
  }
  try {
    refuseByLength(request, limits);
    const { fields, files } = await readParts(request, limits, take);
    if (files.length === 0) {
      const { fileField } = limits;
      throw invalidField(fileField, `The ${fileField} field is required: the document to process`);
    }
    if (!validate(fields)) throw validationFault(validate.errors ?? [], 'form');
    return { fields: fields as Fields, files };
  } catch (error) {
    // The answer goes out at once; what is still on its way is thrown away as it comes.
    request.raw.unpipe();
    request.raw.resume();
    if ((error as { code?: string }).code !== 'FST_REQ_FILE_TOO_LARGE') throw error;
    throw tooLarge(limits.maxFileBytes);
  }
}

function refuseByLength(request: FastifyRequest, { maxTotalBytes }: FormLimits): void {
  const length = Number(request.headers['content-length'] ?? 0);
  if (length > maxTotalBytes + FORM_OVERHEAD_BYTES) throw tooLarge(maxTotalBytes);
}

async function readParts<Taken>(
  request: FastifyRequest,
  { fileField, maxFiles, maxFileBytes }: FormLimits,
  take: (file: MultipartFile) => Promise<Taken>,
): Promise<{ fields: Record<string, unknown>; files: Taken[] }> {
  const fields: Record<string, unknown> = {};
  const files: Taken[] = [];
  const parts = request.parts({
    limits: {
      fileSize: maxFileBytes,
      files: maxFiles + 1,
      fields: 200,
      fieldSize: 65_536,
      parts: maxFiles + 200,
    },
  });
  for await (const part of parts) {
    if (part.type === 'file') {
      if (part.fieldname !== fileField) throw unknownField(part.fieldname);
      if (files.length === maxFiles) {
        throw invalidField(
          fileField,
          `The ${fileField} field may have at most ${maxFiles} file(s)`,
        );
      }
      // By itself the stream would go on to the end of the part, which may never come.
      part.file.once('limit', () => part.file.destroy(tooLarge(maxFileBytes)));
      files.push(await take(part));
      if (part.file.truncated) throw tooLarge(maxFileBytes);
    } else {
      if (part.fieldnameTruncated || part.valueTruncated) {
        throw invalidField(part.fieldname, `The ${part.fieldname} field is too long`);
      }
      addField(fields, part.fieldname, String(part.value));
    }
  }
  return { fields, files };
}

function addField(fields: Record<string, unknown>, name: string, value: string): void {
  const separator = Object.hasOwn(LISTS, name) ? LISTS[name] : undefined;
  if (!separator) {
    if (Object.hasOwn(fields, name)) throw invalidField(name, `The ${name} field is there twice`);
    fields[name] = value;
    return;
  }
  const earlier = (fields[name] as string[] | undefined) ?? [];
  fields[name] = [...earlier, ...value.split(separator).filter((entry) => entry.trim() !== '')];
}

function unknownField(name: string): Fault {
  return invalidField(name, `The ${name} field is not known here`);
}

function tooLarge(maxBytes: number): Fault {
  const limit = Math.floor(maxBytes / (1024 * 1024));
  return new Fault('payload_too_large', `The file is larger than ${limit} MB.`);
}

/** A name without its path and without what could break a header; never empty. */
export function fileNameOf({ filename }: Pick<MultipartFile, 'filename'>): string {
  const base = (filename ?? '').split(/[/\\]/).at(-1) ?? '';
  const clean = base
    .replace(/[\0-\x1f\x7f"<>|:*?\u200b-\u200f\u202a-\u202e\u2066-\u2069]/g, '')
    .trim();
  return clean.replace(/^\.{1,20}/, '').slice(-200) || 'document';
}

/** RFC 6266: the name in ASCII, and as it is (RFC 8187). */
export function attachment(fileName: string): string {
  const ascii = fileName.replace(/[^\x20-\x7e]/g, '_').replace(/["\\]/g, '_');
  const encoded = encodeURIComponent(fileName).replace(
    /['()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return ascii === fileName
    ? `attachment; filename="${ascii}"`
    : `attachment; filename="${ascii}"; filename*=UTF-8''${encoded}`;
}
