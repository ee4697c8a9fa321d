/** A message as a form: its fields by their JSON names, its files as attachments. */
import type { MultipartFile, MultipartValue } from '@fastify/multipart';

export const FORM_OPTIONS = {
  attachFieldsToBody: true,
  limits: {
    files: 20,
    fields: 200,
    parts: 220,
    fileSize: 25 * 1024 * 1024,
    fieldSize: 5 * 1024 * 1024,
  },
} as const;

type Part = MultipartFile | MultipartValue;

const LISTS = new Set(['cc', 'bcc']);
const FLAGS = new Set(['bulk', 'trackLinks']);

/** The same content as the JSON body would have; what it may be is the schema's to say. */
export async function readForm(body: unknown): Promise<Record<string, unknown>> {
  const read: Record<string, unknown> = {};
  const attachments: unknown[] = [];
  for (const [name, given] of Object.entries((body ?? {}) as Record<string, Part | Part[]>)) {
    for (const part of [given].flat()) {
      if (part.type === 'file') attachments.push(await readFile(part));
      else read[name] = readField(name, part.value, read[name]);
    }
  }
  return attachments.length > 0 ? { ...read, attachments } : read;
}

async function readFile(part: MultipartFile) {
  const content = (await part.toBuffer()).toString('base64');
  return { filename: part.filename, contentType: part.mimetype, content };
}

function readField(name: string, value: unknown, before: unknown): unknown {
  if (LISTS.has(name)) return [...((before as unknown[]) ?? []), value];
  if (FLAGS.has(name) && (value === 'true' || value === 'false')) return value === 'true';
  return value;
}
