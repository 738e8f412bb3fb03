// Choices of /v1/completions.
import type { GenerationSummary } from '../generation/generation.js';
import type { PromptEcho } from '../generation/prompt-echo.js';
import type { ScoredToken } from '../generation/scored-token.js';
import { completionLogprobs, promptLogprobs } from './logprobs-shape.js';
import type { ChoiceShape, ResponseShape } from './response-shape.js';

export interface CompletionShapeOptions {
  /** The prompt is the beginning of the text. */
  readonly echo: boolean;
  /** Alternatives to name with each token; undefined: no log probabilities. */
  readonly logprobs: number | undefined;
  /** The same of the prompt, in a field of its own. */
  readonly promptLogprobs: number | undefined;
}

/** What a chunk and a whole choice have in common. */
interface Part {
  readonly text: string;
  readonly scores: readonly ScoredToken[] | undefined;
  readonly prompt: PromptEcho | undefined;
}

export function completionShape(options: CompletionShapeOptions): ResponseShape {
  return {
    chunkObject: 'text_completion',
    object: 'text_completion',
    choice: (index) => completionChoice(index, options),
    extras: () => ({}),
  };
}

function completionChoice(index: number, options: CompletionShapeOptions): ChoiceShape {
  const { promptLogprobs: numTop } = options;
  let echoed = 0;
  const choice = (part: Part, finishReason: GenerationSummary['finishReason'] | null) => {
    const prompt = options.echo ? part.prompt : undefined;
    const before = prompt?.text ?? '';
    echoed += [...before].length;
    const logprobs = logprobsOf({ ...part, prompt }, options.logprobs, echoed);
    return { index, text: before + part.text, logprobs, finish_reason: finishReason };
  };
  return {
    opening: undefined,
    pieces: (chunk) => {
      const piece = choice(chunk, chunk.summary?.finishReason ?? null);
      const isEmpty = piece.text === '' && piece.logprobs === null && chunk.summary === undefined;
      return isEmpty ? [] : [piece];
    },
    whole: (completed) => {
      const scores = completed.prompt?.scores;
      return {
        ...choice(completed, completed.summary.finishReason),
        ...(numTop !== undefined && { prompt_logprobs: scores ? promptLogprobs(scores, numTop) : [null] }),
      };
    },
  };
}

/** @param echoed Code points of the prompt before the answer. */
function logprobsOf({ scores, prompt }: Part, numTop: number | undefined, echoed: number) {
  if (numTop === undefined) return null;
  const ofPrompt = completionLogprobs(prompt?.scores ?? [], numTop, 0);
  const ofAnswer = completionLogprobs(scores ?? [], numTop, echoed);
  return {
    tokens: [...ofPrompt.tokens, ...ofAnswer.tokens],
    token_logprobs: [...ofPrompt.token_logprobs, ...ofAnswer.token_logprobs],
    top_logprobs: [...ofPrompt.top_logprobs, ...ofAnswer.top_logprobs],
    text_offset: [...ofPrompt.text_offset, ...ofAnswer.text_offset],
  };
}
