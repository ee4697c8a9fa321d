/**
 * Schemas validate strictly: an unknown field is an error that names it, a body's number is a
 * number. Query strings and path parameters carry text only, so they alone are read as the type
 * their schema asks for. Messages are ours, one a field, and say what was expected.
 */
import AjvModule, { type ErrorObject } from 'ajv';
import addFormatsModule from 'ajv-formats';
import type { FastifySchemaValidationError } from 'fastify';
import { Fault } from '../fault.ts';

const Ajv = AjvModule.default ?? AjvModule;
const addFormats = addFormatsModule.default ?? addFormatsModule;

export type HttpPart = 'body' | 'querystring' | 'params' | 'headers';

const OPTIONS = { allErrors: true, removeAdditional: false, strict: false, useDefaults: true };
const strict = new Ajv({ ...OPTIONS, coerceTypes: false });
const lenient = new Ajv({ ...OPTIONS, coerceTypes: true });
addFormats(strict);
addFormats(lenient);

/** Fastify's validator compiler: bodies as they are, text parts coerced. */
export function compileValidator(schema: object, part?: string) {
  const ajv = part === 'body' ? strict : lenient;
  return ajv.compile(part === 'headers' ? { ...schema, additionalProperties: true } : schema);
}

/** Turns validation errors into one Fault whose fields say what was expected of each. */
export function validationFault(
  errors: readonly (FastifySchemaValidationError | ErrorObject)[],
  part: string,
): Fault {
  const fields: Record<string, string[]> = {};
  for (const error of errors) {
    const [field, message] = explain(error, part);
    const messages = fields[field] ?? [];
    if (!messages.includes(message)) fields[field] = [...messages, message];
  }
  const first = Object.values(fields)[0]?.[0] ?? 'The request is not valid';
  return new Fault('invalid_request', first, { fields });
}

function explain(
  error: FastifySchemaValidationError | ErrorObject,
  part: string,
): [field: string, message: string] {
  const params = error.params as Record<string, unknown>;
  const path = error.instancePath.split('/').slice(1).map(unescapePointer).join('.');
  const name = path || part;
  const inside = (key: unknown) => (path ? `${path}.${String(key)}` : String(key));
  switch (error.keyword) {
    case 'required': {
      const field = inside(params['missingProperty']);
      return [field, `The ${field} field is required`];
    }
    case 'additionalProperties':
    case 'unevaluatedProperties': {
      const field = inside(params['additionalProperty'] ?? params['unevaluatedProperty']);
      return [field, `The ${field} field is not known here`];
    }
    case 'type':
      return [name, `The ${name} field must be ${withArticle(params['type'])}`];
    case 'enum': {
      const values = (params['allowedValues'] as unknown[]).join(', ');
      return [name, `The ${name} field must be one of: ${values}`];
    }
    case 'const':
      return [name, `The ${name} field must be ${JSON.stringify(params['allowedValue'])}`];
    case 'minimum':
      return [name, `The ${name} field must be at least ${params['limit']}`];
    case 'maximum':
      return [name, `The ${name} field must be at most ${params['limit']}`];
    case 'minLength':
      return [name, `The ${name} field must have at least ${params['limit']} characters`];
    case 'maxLength':
      return [name, `The ${name} field must have at most ${params['limit']} characters`];
    case 'minItems':
      return [name, `The ${name} field must have at least ${params['limit']} entries`];
    case 'maxItems':
      return [name, `The ${name} field must have at most ${params['limit']} entries`];
    case 'format':
      return [name, `The ${name} field must be a valid ${params['format']}`];
    default:
      return [name, `The ${name} field ${error.message ?? 'is not valid'}`];
  }
}

function withArticle(type: unknown): string {
  const name = Array.isArray(type) ? type.join(' or ') : String(type);
  return `${/^[aeio]/.test(name) ? 'an' : 'a'} ${name}`;
}

function unescapePointer(part: string): string {
  return part.replaceAll('~1', '/').replaceAll('~0', '~');
}
