/** The endpoints of the original, and `restore`. */
import multipart from '@fastify/multipart';
import type { FastifyReply, FastifyRequest, RouteShorthandOptions } from 'fastify';
import type { App } from '../../kernel/http/edge.ts';
import { compileValidator } from '../../kernel/http/validation.ts';
import * as batch from './batch/batch.ts';
import { openDownload } from './batch/download.ts';
import type { Options } from './document.ts';
import type { Redacted } from './redact.ts';
import * as wire from './schema.ts';
import { MAX_SYNC_BYTES, redactOne, scanDocument } from './sync.ts';
import { attachment, type FormLimits, fileNameOf, formFields, readForm } from './upload.ts';
import { usageOf } from './usage.ts';

const SYNC_LIMITS: FormLimits = {
  fileField: 'file',
  maxFiles: 1,
  maxFileBytes: MAX_SYNC_BYTES,
  maxTotalBytes: MAX_SYNC_BYTES,
};
const JOB_LIMITS: FormLimits = {
  fileField: 'files',
  maxFiles: batch.MAX_JOB_FILES,
  maxFileBytes: batch.MAX_JOB_FILE_BYTES,
  maxTotalBytes: batch.MAX_JOB_BYTES,
};
/** Forms are validated while they are read; their schema stands in the route for OpenAPI. */
const FORM: Pick<RouteShorthandOptions, 'validatorCompiler'> = {
  validatorCompiler: ({ schema, httpPart }) =>
    httpPart === 'body' ? () => true : compileValidator(schema as object, httpPart),
};
const consumes = ['multipart/form-data'];

const scanFields = formFields(wire.ScanFields);
const redactFields = formFields(wire.RedactFields);
const jobFields = formFields(wire.JobFields);

type Deps = batch.BatchDeps;

export function redactRoutes(app: App, deps: Deps): void {
  // Only within a context of its own does the form parser leave other routes alone.
  app.register(async (forms) => {
    await forms.register(multipart);
    addFormRoutes(forms as unknown as App, deps);
  });
  addJobRoutes(app, deps);
}

function addFormRoutes(app: App, deps: Deps): void {
  app.post(
    '/api/v1/scan',
    {
      ...FORM,
      config: { scope: 'documents:scan' },
      schema: {
        summary: 'Find sensitive data in a document',
        consumes,
        querystring: wire.NoQuery,
        body: wire.withFile(wire.ScanFields),
        response: { 200: wire.ScanAnswer },
      },
    },
    (request) => scan(deps, request) as never,
  );
  app.post(
    '/api/v1/redact',
    {
      ...FORM,
      config: { scope: 'documents:redact' },
      schema: {
        summary: 'Take sensitive data out of a document; answers with the file',
        description:
          'Headers: X-Cloakrr-Items-Detected, X-Cloakrr-Items-Processed, X-Cloakrr-Credits-Used, X-Cloakrr-Verified.',
        consumes,
        querystring: wire.NoQuery,
        body: wire.withFile(wire.RedactFields),
      },
    },
    (request, reply) => redact(deps, request, reply as FastifyReply),
  );
  app.post(
    '/api/v1/jobs',
    {
      ...FORM,
      config: { scope: 'jobs:write' },
      schema: {
        summary: 'Begin a batch job',
        consumes,
        querystring: wire.NoQuery,
        body: wire.withFiles(wire.JobFields),
        response: { 200: wire.JobCreated },
      },
    },
    (request, reply) => createJob(deps, request, reply as FastifyReply) as never,
  );
}

async function readDocument<Fields>(
  request: FastifyRequest,
  fields: ReturnType<typeof formFields>,
) {
  const form = await readForm<Fields, { bytes: Buffer; fileName: string }>(
    ...([request, SYNC_LIMITS, fields] as const),
    async (file) => ({ bytes: await file.toBuffer(), fileName: fileNameOf(file) }),
  );
  const [document] = form.files;
  if (!document) throw new Error('a form without a file has been refused');
  return { document, options: form.fields as Options };
}

async function scan(deps: Deps, request: FastifyRequest) {
  const { document, options } = await readDocument<wire.ScanForm>(request, scanFields);
  return scanDocument(deps, request.principal, document, options);
}

async function redact(deps: Deps, request: FastifyRequest, reply: FastifyReply) {
  const { document, options } = await readDocument<wire.RedactForm>(request, redactFields);
  const key = request.headers['idempotency-key'] as string | undefined;
  const redacted = await redactOne(deps, request.principal, document, options, key);
  return sendDocument(reply, redacted);
}

function sendDocument(reply: FastifyReply, redacted: Redacted) {
  const { bytes, fileName, mediaType, items, pageCount } = redacted;
  reply.headers({
    'content-type': mediaType,
    'content-disposition': attachment(fileName),
    'x-cloakrr-items-detected': String(items.length),
    'x-cloakrr-items-processed': String(items.length),
    'x-cloakrr-credits-used': String(pageCount),
    'x-cloakrr-verified': 'true',
    'cache-control': 'no-store',
  });
  return reply.send(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
}

async function createJob(deps: Deps, request: FastifyRequest, reply: FastifyReply) {
  const stored: batch.StoredUpload[] = [];
  try {
    const form = await readForm<wire.JobForm, void>(
      ...([request, JOB_LIMITS, jobFields] as const),
      async (file) => {
        const name = fileNameOf(file);
        stored.push(await batch.storeUpload(deps, request.principal, file.file, name));
        batch.refuseTooMuch(stored);
      },
    );
    const key = request.headers['idempotency-key'] as string | undefined;
    const { status, body } = await batch.createJob(
      deps,
      request.principal,
      form.fields,
      stored.splice(0),
      key,
    );
    return reply.code(status).send(body);
  } catch (error) {
    await batch.dropUploads(deps, stored);
    throw error;
  }
}

function addJobRoutes(app: App, deps: Deps): void {
  const { kernel } = deps;
  app.get(
    '/api/v1/jobs',
    {
      config: { scope: 'jobs:read' },
      schema: {
        summary: 'Jobs, newest first',
        querystring: wire.Paging,
        response: { 200: wire.JobList },
      },
    },
    (request) => batch.listJobs(deps, request.principal, request.query) as never,
  );
  app.get(
    '/api/v1/jobs/:jobId',
    {
      config: { scope: 'jobs:read' },
      schema: {
        summary: 'Status and results of a job',
        params: wire.JobParams,
        querystring: wire.NoQuery,
        response: { 200: wire.JobAnswer },
      },
    },
    (request) => batch.showJob(deps, request.principal, request.params.jobId) as never,
  );
  app.get(
    '/api/v1/jobs/:jobId/download',
    {
      config: { scope: 'jobs:read' },
      schema: {
        summary: 'A processed document, or all of them as one zip',
        params: wire.JobParams,
        querystring: wire.DownloadQuery,
      },
    },
    (request, reply) =>
      download(
        deps,
        request,
        reply as FastifyReply,
        request.params.jobId,
        request.query.documentId,
      ),
  );
  app.delete(
    '/api/v1/jobs/:jobId',
    {
      config: { scope: 'jobs:write' },
      schema: {
        summary: 'Cancel a pending job',
        params: wire.JobParams,
        querystring: wire.NoQuery,
        response: { 200: wire.Cancelled },
      },
    },
    (request) => batch.cancelJob(deps, request.principal, request.params.jobId),
  );
  app.post(
    '/api/v1/restore',
    {
      config: { scope: 'documents:restore' },
      bodyLimit: 2 * 1024 * 1024,
      schema: {
        summary: 'Put the values back in place of the stand-ins of a reversible job',
        querystring: wire.NoQuery,
        body: wire.RestoreBody,
        response: { 200: wire.RestoreAnswer },
      },
    },
    (request) => batch.restore(deps, request.principal, request.body),
  );
  app.get(
    '/api/v1/usage',
    {
      config: { scope: 'usage:read' },
      schema: {
        summary: 'Credits and jobs',
        querystring: wire.NoQuery,
        response: { 200: wire.UsageAnswer },
      },
    },
    (request) => usageOf(kernel, request.principal),
  );
}

async function download(
  deps: Deps,
  request: FastifyRequest,
  reply: FastifyReply,
  jobId: string,
  documentId: string | undefined,
) {
  const { stream, fileName, mediaType } = await openDownload(
    deps,
    request.principal,
    jobId,
    documentId,
  );
  reply.headers({
    'content-type': mediaType,
    'content-disposition': attachment(fileName),
    'cache-control': 'no-store',
  });
  return reply.send(stream);
}
