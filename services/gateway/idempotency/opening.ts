// What the first attempt decided for all of them: ids, seeds and the time, so that a retry's answer is the first one's.
import { z } from 'zod';
import { AppError } from '#libs/errors/index.js';
import type { GenerationRequest } from '../generation/generation-request.js';
import { parsed } from './journal-entry.js';

export interface Opening {
  readonly created: number;
  /** One a request. */
  readonly requests: readonly { readonly id: string; readonly seed: string }[];
}

const openingSchema = z.strictObject({
  created: z.number().int(),
  requests: z.array(
    z.strictObject({ id: z.string().min(1).max(256), seed: z.string().regex(/^[0-9]{1,20}$/) }),
  ),
});

export function openingText(requests: readonly GenerationRequest[], created: number): string {
  const chosen = requests.map(({ id, sampling }) => ({ id, seed: String(sampling.seed) }));
  return JSON.stringify({ created, requests: chosen } satisfies Opening);
}

/** Throws `internal` for a text that no attempt at these requests has written. */
export function readOpening(text: string, numRequests: number): Opening {
  const opening: Opening = parsed(openingSchema, text);
  if (opening.requests.length === numRequests) return opening;
  throw new AppError('internal', 'The record of this Idempotency-Key is of another request.');
}

export function asOpened(requests: readonly GenerationRequest[], opening: Opening): GenerationRequest[] {
  return requests.map((request, i) => {
    const { id, seed } = opening.requests[i]!;
    return { ...request, id, sampling: { ...request.sampling, seed: BigInt(seed) } };
  });
}
