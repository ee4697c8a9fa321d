/**
 * The reading page at `/docs`: every endpoint of every service, made from the OpenAPI documents. One
 * HTML file without scripts, so that it reads in any browser, by keyboard and by screen reader, and
 * calls nothing outside.
 */
import type { Edge } from './edge.ts';

export interface OpenApi {
  info: { title: string; description?: string };
  paths?: Record<string, Record<string, Operation>>;
}

export interface ApiDocument {
  edge: Edge;
  document(): OpenApi;
}

interface Operation {
  summary?: string;
  description?: string;
  parameters?: Parameter[];
  requestBody?: { content?: Record<string, { schema?: Schema }> };
  responses?: Record<
    string,
    { description?: string; content?: Record<string, { schema?: Schema }> }
  >;
}

interface Parameter {
  name: string;
  in: string;
  required?: boolean;
  description?: string;
  schema?: Schema;
}

interface Schema {
  type?: string | string[];
  description?: string;
  properties?: Record<string, Schema>;
  required?: string[];
  items?: Schema;
  enum?: unknown[];
  const?: unknown;
  anyOf?: Schema[];
  default?: unknown;
  minimum?: number;
  maximum?: number;
  minLength?: number;
  maxLength?: number;
  format?: string;
}

const STYLE = `
:root{color-scheme:light dark;--line:#8885;--soft:#8881;--link:#0b5cad}
@media(prefers-color-scheme:dark){:root{--link:#8ec5ff}}
body{font:16px/1.55 system-ui,sans-serif;margin:0 auto;max-width:60rem;padding:1.5rem}
h1{font-size:1.7rem}h2{margin-top:3rem;border-bottom:1px solid var(--line)}
a{color:var(--link)}
nav ul{columns:2;padding-left:1.2rem}
code,pre{font:.9em ui-monospace,monospace}
details{border:1px solid var(--line);border-radius:.4rem;margin:.5rem 0;padding:.4rem .8rem}
summary{cursor:pointer}summary b{display:inline-block;min-width:4.5rem}
table{border-collapse:collapse;width:100%;font-size:.93em;margin:.4rem 0}
th,td{text-align:left;vertical-align:top;padding:.25rem .6rem .25rem 0;border-bottom:1px solid var(--line)}
h3{font-size:1rem;margin:.9rem 0 .2rem}`;

export function docsPage(documents: ApiDocument[]): string {
  const read = documents.map(({ edge, document }) => ({ edge, api: document() }));
  const links = read.map(
    ({ edge }) => `<li><a href="#${edge.service}">${escapeHtml(edge.title)}</a></li>`,
  );
  const sections = read.map(({ edge, api }) => section(edge, api));
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Cloakroom API</title><style>${STYLE}</style></head><body><header><h1>Cloakroom API</h1><p>Every endpoint of this server, made from the schemas that validate the requests.</p></header><nav aria-label="Services"><ul>${links.join('')}</ul></nav><main>${sections.join('')}</main></body></html>`;
}

function section(edge: Edge, api: OpenApi): string {
  const operations = Object.entries(api.paths ?? {}).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) =>
      showOperation(edge, method, path, operation),
    ),
  );
  return `<section id="${edge.service}" aria-labelledby="${edge.service}-title"><h2 id="${edge.service}-title">${escapeHtml(edge.title)}</h2><p>${prose(edge.description)}</p><p>Base path <code>${edge.prefix}</code>, description <a href="${edge.prefix}/openapi.json">OpenAPI 3.1</a>.</p>${operations.join('')}</section>`;
}

function showOperation(edge: Edge, method: string, path: string, operation: Operation): string {
  const parameters = (operation.parameters ?? []).map((parameter) =>
    row(`${parameter.name} (${parameter.in})`, parameter.schema ?? {}, parameter.required ?? false),
  );
  const bodies = Object.entries(operation.requestBody?.content ?? {}).map(
    ([type, { schema }]) => `<h3>Body, <code>${escapeHtml(type)}</code></h3>${fields(schema)}`,
  );
  const answers = Object.entries(operation.responses ?? {}).map(
    ([status, { content }]) =>
      `<h3>Answer ${escapeHtml(status)}</h3>${Object.values(content ?? {})
        .map(({ schema }) => fields(schema))
        .join('')}`,
  );
  const title = `<b>${method.toUpperCase()}</b> <code>${escapeHtml(edge.prefix + path)}</code> ${escapeHtml(operation.summary ?? '')}`;
  const description = operation.description ? `<p>${prose(operation.description)}</p>` : '';
  const given = parameters.length > 0 ? `<h3>Parameters</h3>${table(parameters)}` : '';
  return `<details><summary>${title}</summary>${description}${given}${bodies.join('')}${answers.join('')}</details>`;
}

function fields(schema: Schema | undefined): string {
  const rows = flatten(schema ?? {}, '');
  return rows.length > 0 ? table(rows) : `<p>${escapeHtml(typeOf(schema ?? {}))}</p>`;
}

/** Nested objects as dotted paths, arrays as `[]`, as deep as the schema goes. */
function flatten(schema: Schema, path: string): string[] {
  const inner = schema.items ? { schema: schema.items, path: `${path}[]` } : { schema, path };
  return Object.entries(inner.schema.properties ?? {}).flatMap(([name, property]) => {
    const full = inner.path ? `${inner.path}.${name}` : name;
    return [
      row(full, property, inner.schema.required?.includes(name) ?? false),
      ...flatten(property, full),
    ];
  });
}

function table(rows: string[]): string {
  return `<table><thead><tr><th scope="col">Field</th><th scope="col">Type</th><th scope="col">Meaning</th></tr></thead><tbody>${rows.join('')}</tbody></table>`;
}

function row(name: string, schema: Schema, required: boolean): string {
  const type = `${typeOf(schema)}${required ? ', required' : ''}`;
  return `<tr><td><code>${escapeHtml(name)}</code></td><td>${escapeHtml(type)}</td><td>${escapeHtml(schema.description ?? '')}</td></tr>`;
}

function typeOf(schema: Schema): string {
  if (schema.anyOf) return schema.anyOf.map(typeOf).join(' or ');
  if (schema.enum) return schema.enum.map((value) => JSON.stringify(value)).join(' | ');
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  const type = [schema.type ?? 'any'].flat().join(' or ');
  const bounds = [
    schema.format,
    range(schema.minimum, schema.maximum, ''),
    range(schema.minLength, schema.maxLength, ' characters'),
    schema.default === undefined ? undefined : `default ${JSON.stringify(schema.default)}`,
  ].filter(Boolean);
  return bounds.length > 0 ? `${type} (${bounds.join(', ')})` : type;
}

function range(min: number | undefined, max: number | undefined, unit: string): string | undefined {
  if (min === undefined && max === undefined) return undefined;
  return `${min ?? ''}–${max ?? ''}${unit}`;
}

/** Text whose code stands between backticks, as OpenAPI's descriptions are Markdown. */
function prose(text: string): string {
  return escapeHtml(text).replace(/`([^`]+)`/g, '<code>$1</code>');
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (char) => `&#${char.charCodeAt(0)};`);
}
