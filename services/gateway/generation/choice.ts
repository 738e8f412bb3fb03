// One of a request's answers: a Generate call of its own upstream, with its own failover, text and record.
import { AppError } from '#libs/errors/index.js';
import type { GenerateResponse } from '#libs/rpc/index.js';
import type { JournaledRound } from '../idempotency/journaled-rounds.js';
import type { ChoiceRecord } from './choice-record.js';
import type { CompletionText } from './completion-text.js';
import type { GenerationChunk } from './generation.js';
import type { PromptEcho, PromptReading } from './prompt-echo.js';
import { scoredTokens, type TokenNames } from './scored-token.js';

/** Where a choice's rounds come from. */
export interface ChoiceRounds {
  /** Goes on at least until a round has a finish reason. */
  rounds(signal: AbortSignal): AsyncIterable<GenerateResponse & Partial<JournaledRound>>;
  readonly failovers: number;
  /** No more are needed. */
  complete?(): void;
}

export interface ChoiceParts {
  readonly index: number;
  readonly rounds: ChoiceRounds;
  readonly text: CompletionText;
  readonly record: ChoiceRecord;
  readonly names: TokenNames;
  /** Undefined: nobody wants to see the prompt. */
  readonly prompt: PromptReading | undefined;
  /** The prompt is all that is wanted: the one token that a verifier generates at least is dropped. */
  readonly readsOnly: boolean;
  /** Aborts when the request is over, be it because another choice failed. */
  readonly signal: AbortSignal;
}

export class Choice {
  constructor(private readonly parts: ChoiceParts) {}

  /** To be read once. Errors: those of the last verifier asked, and what the signal was aborted with. */
  async *chunks(): AsyncGenerator<GenerationChunk> {
    const { rounds, record, prompt, signal } = this.parts;
    try {
      let isFirst = true;
      let last: GenerationChunk | undefined;
      // The loop is left before the last chunk is yielded, so that the verifier's slot is free at once.
      for await (const response of rounds.rounds(signal)) {
        const chunk = this.#chunk(response, isFirst ? await this.#echo(response) : undefined);
        isFirst = false;
        if (chunk.summary !== undefined) {
          last = chunk;
          rounds.complete?.();
          break;
        }
        yield chunk;
      }
      if (last !== undefined) yield last;
    } catch (thrown) {
      const error = AppError.from(signal.aborted ? signal.reason : thrown);
      record.end(error.code === 'cancelled' ? 'abort' : 'error');
      throw error;
    } finally {
      this.close();
      // The other choices may be waiting for it.
      if (this.parts.index === 0) prompt?.report(undefined);
    }
  }

  /** Harmless after an end; without one, the reader left early. */
  close(): void {
    this.parts.record.end('abort');
  }

  async #echo({ promptLogprobs }: GenerateResponse): Promise<PromptEcho | undefined> {
    const { index, prompt } = this.parts;
    if (index === 0) prompt?.report(promptLogprobs);
    return prompt?.echo;
  }

  #chunk(
    response: GenerateResponse & Partial<JournaledRound>,
    prompt: PromptEcho | undefined,
  ): GenerationChunk {
    const { index, text, record, rounds, names, readsOnly } = this.parts;
    const { round, logprobs } = response;
    const piece = text.push(readsOnly ? [] : response.tokens);
    const tokens = response.tokens.slice(0, piece.numTokens);
    const scores = logprobs && scoredTokens(names, tokens, logprobs, piece.offsets);
    record.round(round, piece.numTokens, response.journaled);
    const chunk = { index, text: piece.text, tokens, scores, prompt, round, summary: undefined };
    const finishReason = readsOnly ? 'length' : piece.stopped ? 'stop' : response.finishReason;
    if (finishReason === undefined) return chunk;
    record.end(finishReason);
    return {
      ...chunk,
      text: piece.stopped ? piece.text : piece.text + text.flush(),
      summary: record.summary(finishReason, rounds.failovers, piece.stopString),
    };
  }
}
