// OpenAI's x-ratelimit headers. Durations as OpenAI writes them: "12s".
import type { FastifyReply } from 'fastify';
import type { Standing } from './tenant-limits.js';

export function setRateLimitHeaders(reply: FastifyReply, standing: Standing): void {
  for (const what of ['requests', 'tokens'] as const) {
    const allowance = standing[what];
    if (allowance === undefined) continue;
    const { limit, remaining, resetSeconds } = allowance;
    reply.header(`x-ratelimit-limit-${what}`, String(limit));
    reply.header(`x-ratelimit-remaining-${what}`, String(remaining));
    if (resetSeconds !== undefined) reply.header(`x-ratelimit-reset-${what}`, `${resetSeconds}s`);
  }
}
