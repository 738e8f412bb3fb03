// OpenAI's x-ratelimit headers. Durations as OpenAI writes them: "12s".
import type { FastifyReply } from 'fastify';
import type { Standing } from './request-limits.js';

export function setRateLimitHeaders(reply: FastifyReply, standing: Standing): void {
  const { limit, remaining, resetSeconds } = standing;
  reply.header('x-ratelimit-limit-requests', String(limit));
  reply.header('x-ratelimit-remaining-requests', String(remaining));
  if (resetSeconds !== undefined) reply.header('x-ratelimit-reset-requests', `${resetSeconds}s`);
}
