// A whole answer: what all the chunks of a choice add up to.
import { AppError } from '#libs/errors/index.js';
import type { AnswerPiece } from '../tools/answer-piece.js';
import type { Generation, GenerationChunk, GenerationSummary } from './generation.js';
import type { PromptEcho } from './prompt-echo.js';
import type { ScoredToken } from './scored-token.js';

export interface CompletedChoice {
  readonly index: number;
  readonly text: string;
  /** The same text with the calls told from it, when the chat has tools. */
  readonly pieces: readonly AnswerPiece[] | undefined;
  readonly tokens: readonly number[];
  /** One a token, if asked for. */
  readonly scores: readonly ScoredToken[] | undefined;
  readonly prompt: PromptEcho | undefined;
  readonly summary: GenerationSummary;
}

/** Reads the generation to its end. The choices, in order of their index. */
export async function completedChoices(generation: Generation): Promise<CompletedChoice[]> {
  const chunks = Array.from({ length: generation.numChoices }, (): GenerationChunk[] => []);
  for await (const chunk of generation.chunks) chunks[chunk.index]!.push(chunk);
  return chunks.map(completed);
}

function completed(chunks: readonly GenerationChunk[], index: number): CompletedChoice {
  const summary = chunks.at(-1)?.summary;
  if (summary === undefined) throw new AppError('internal', 'The generation ended without a summary.');
  const hasTools = chunks.some(({ pieces }) => pieces !== undefined);
  const isScored = chunks.some(({ scores }) => scores !== undefined);
  return {
    index,
    text: chunks.map(({ text }) => text).join(''),
    pieces: hasTools ? chunks.flatMap(({ pieces }) => pieces ?? []) : undefined,
    tokens: chunks.flatMap(({ tokens }) => tokens),
    scores: isScored ? chunks.flatMap(({ scores }) => scores ?? []) : undefined,
    prompt: chunks[0]!.prompt,
    summary,
  };
}
