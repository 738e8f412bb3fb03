// Headers that every answer carries: the request id, the time taken, which fields meant nothing here, and
// what keeps browsers from mishandling it.
import type { IncomingMessage } from 'node:http';
import type { FastifyInstance, FastifyReply } from 'fastify';
import { hasAnthropicErrors } from '../anthropic/error-body.js';
import { newId } from '../generation/new-id.js';

const SANE_REQUEST_ID = /^[A-Za-z0-9._:-]{1,128}$/;
const SANE_FIELD_NAME = /^[A-Za-z0-9_.-]{1,64}$/;
const MAX_FIELDS = 20;
/** Answers are one client's, of the type they say they are, and no page of others' frames them. */
const SECURITY_HEADERS = {
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
};

/** The client's x-request-id if it is a sane one. It is echoed and logged, never used as a key: others may send it too. */
export function requestId(request: Pick<IncomingMessage, 'headers'>): string {
  const sent = request.headers['x-request-id'];
  if (typeof sent === 'string' && SANE_REQUEST_ID.test(sent)) return sent;
  return newId('req_');
}

export function addResponseHeaders(fastify: FastifyInstance): void {
  fastify.addHook('onRequest', async (request, reply) => {
    reply.headers(SECURITY_HEADERS);
    reply.header('x-request-id', request.id);
    if (hasAnthropicErrors(request.url)) reply.header('request-id', request.id);
  });
  fastify.addHook('onSend', async (_request, reply) => {
    reply.header('openai-processing-ms', processingMs(reply));
  });
}

/** Whole milliseconds since the request came in. */
export function processingMs(reply: FastifyReply): string {
  return String(Math.round(reply.elapsedTime));
}

export function setIgnoredFields(reply: FastifyReply, names: readonly string[]): void {
  if (names.length === 0) return;
  const sane = names.slice(0, MAX_FIELDS).map((name) => (SANE_FIELD_NAME.test(name) ? name : '?'));
  reply.header('x-outrider-ignored-fields', sane.join(', '));
}
