// The caller behind an HTTP answer; its standing goes into the answer's headers.
import type { FastifyReply } from 'fastify';
import type { Caller } from '../generation/caller.js';
import { setRateLimitHeaders } from '../limits/rate-limit-headers.js';
import { clientSignal } from './client-signal.js';

export function callerOf(reply: FastifyReply): Caller {
  return {
    tenant: reply.request.tenant,
    signal: clientSignal(reply.raw),
    onStanding: (standing) => setRateLimitHeaders(reply, standing),
  };
}
