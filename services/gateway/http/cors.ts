// Cross-origin requests of browsers: refused unless the origin is on the list. Keys travel in a header and never in a
// cookie, so credentials are never allowed, and no list entry stands for "everybody".
// Protocol: fetch.spec.whatwg.org/#http-cors-protocol
import type { FastifyInstance, FastifyReply } from 'fastify';

const MAX_AGE_SECONDS = 600;
const ALLOWED_METHODS = 'GET, HEAD, POST';
/** Of answers, beyond what browsers always show. */
const EXPOSED_HEADERS = [
  'x-request-id',
  'openai-processing-ms',
  'retry-after',
  'x-outrider-ignored-fields',
  'x-outrider-idempotency',
  'x-ratelimit-limit-requests',
  'x-ratelimit-remaining-requests',
  'x-ratelimit-reset-requests',
].join(', ');

export function addCors(fastify: FastifyInstance, origins: readonly string[]): void {
  if (origins.length === 0) return;
  const allowed = new Set(origins);
  fastify.addHook('onRequest', async (request, reply) => {
    reply.header('vary', 'Origin');
    const { origin } = request.headers;
    if (origin === undefined || !allowed.has(origin)) return;
    reply.header('access-control-allow-origin', origin);
    const asked = request.headers['access-control-request-method'];
    if (request.method === 'OPTIONS' && asked !== undefined)
      return answerPreflight(reply, request.headers['access-control-request-headers']);
    reply.header('access-control-expose-headers', EXPOSED_HEADERS);
  });
}

/** The SDKs send headers of their own (x-stainless-…), so what an allowed origin asks for is allowed. */
function answerPreflight(reply: FastifyReply, askedHeaders: string | string[] | undefined): FastifyReply {
  reply.header('access-control-allow-methods', ALLOWED_METHODS);
  if (typeof askedHeaders === 'string') reply.header('access-control-allow-headers', askedHeaders);
  reply.header('access-control-max-age', String(MAX_AGE_SECONDS));
  return reply.status(204).send();
}
