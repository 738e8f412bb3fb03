// The caller behind an HTTP answer; its standing goes into the answer's headers.
import type { FastifyReply } from 'fastify';
import type { Caller } from '../generation/caller.js';
import { IDEMPOTENCY_KEY, requestKey } from '../idempotency/request-key.js';
import { setRateLimitHeaders } from '../limits/rate-limit-headers.js';
import { clientSignal } from './client-signal.js';

/** Says what was found under an idempotency key. */
const IDEMPOTENCY_HEADER = 'x-outrider-idempotency';

/** Throws `invalid_argument` for an idempotency key that is none. */
export function callerOf(reply: FastifyReply): Caller {
  const { tenant, headers, body, routeOptions } = reply.request;
  return {
    tenant,
    key: requestKey(headers[IDEMPOTENCY_KEY], routeOptions.url ?? '', body),
    onKey: (standing) => reply.header(IDEMPOTENCY_HEADER, standing),
    signal: clientSignal(reply.raw),
    onStanding: (standing) => setRateLimitHeaders(reply, standing),
  };
}
