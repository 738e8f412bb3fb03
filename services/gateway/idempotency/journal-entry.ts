// One round of one choice as a journal keeps it: all that is needed to render it again, in JSON. What is read may have been
// written by anybody who reaches the store, so it is checked like a verifier's own answer.
import { z } from 'zod';
import { AppError } from '#libs/errors/index.js';
import type { GenerateResponse } from '#libs/rpc/index.js';

export interface JournalEntry {
  /** Which choice of which prompt, as answers number them. */
  readonly choice: number;
  /** From the first attempt's arrival, on the clocks of those who generated. */
  readonly atMs: number;
  /** What the request waited for its place, there. */
  readonly queueMs: number;
  /** Of the choice, so far. */
  readonly failovers: number;
  readonly response: GenerateResponse;
}

const count = z.number().int().min(0).max(Number.MAX_SAFE_INTEGER);
const milliseconds = z.number().min(0);

/** @param vocabSize tokens lie below it. */
export class JournalEntries {
  readonly #schema: z.ZodType<JournalEntry>;

  constructor(vocabSize: number, numChoices: number) {
    const token = count.max(vocabSize - 1);
    const logprob = z.strictObject({
      logprob: z.number(),
      topIds: z.array(token),
      topLogprobs: z.array(z.number()),
    });
    const round = z.strictObject({
      drafted: count,
      accepted: count,
      draftMs: milliseconds,
      verifyMs: milliseconds,
      totalMs: milliseconds,
      draftComputeMs: milliseconds,
      verifyComputeMs: milliseconds,
      cachedTokens: count,
      batchSize: count.optional(),
      batchTokens: count.optional(),
      draftFailure: z.string().optional(),
      draftedAhead: count.optional(),
    });
    this.#schema = z.strictObject({
      choice: count.max(numChoices - 1),
      atMs: milliseconds,
      queueMs: milliseconds,
      failovers: count,
      response: z.strictObject({
        tokens: z.array(token),
        round,
        finishReason: z.enum(['stop', 'length']).optional(),
        logprobs: z.array(logprob).optional(),
        promptLogprobs: z.array(logprob).optional(),
      }),
    }) as z.ZodType<JournalEntry>;
  }

  write(entry: JournalEntry): string {
    const { tokens, round, finishReason, logprobs, promptLogprobs } = entry.response;
    // Lists may be of numbers of their own kind, which JSON would write as objects.
    const scores = (list: typeof logprobs) =>
      list?.map(({ logprob, topIds, topLogprobs }) => ({
        logprob,
        topIds: Array.from(topIds),
        topLogprobs: Array.from(topLogprobs),
      }));
    return JSON.stringify({
      ...entry,
      response: {
        tokens: Array.from(tokens),
        round,
        finishReason,
        logprobs: scores(logprobs),
        promptLogprobs: scores(promptLogprobs),
      },
    });
  }

  /** Throws `internal`. */
  read(text: string): JournalEntry {
    return parsed(this.#schema, text);
  }
}

/** Throws `internal` for anything that isn't JSON of that form. */
export function parsed<T>(schema: z.ZodType<T>, text: string): T {
  try {
    return schema.parse(JSON.parse(text));
  } catch (cause) {
    throw new AppError('internal', 'The record of this Idempotency-Key cannot be read.', { cause });
  }
}
