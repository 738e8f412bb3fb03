// The prompt as answers show it: its text, and the log probabilities of its tokens. Only the first choice's verifier is
// asked for these, since they cost a reading of the whole prompt; the other choices wait for what it says.
import type { TokenLogprobs } from '#libs/rpc/index.js';
import type { PromptInput } from './generation-request.js';
import { type ScoredToken, scoredTokens } from './scored-token.js';
import type { TextModel } from './text-model.js';

export interface PromptEcho {
  /** As the client wrote it, or as its tokens read. */
  readonly text: string;
  /** One a token, the first without a log probability; undefined if not asked for. */
  readonly scores: readonly ScoredToken[] | undefined;
}

type EchoModel = Pick<TextModel, 'decoder' | 'tokenText' | 'tokenBytes'>;

export class PromptReading {
  /** Settles once `report` was called. */
  readonly echo: Promise<PromptEcho>;
  #settle!: (echo: PromptEcho) => void;
  #reported = false;

  constructor(
    private readonly model: EchoModel,
    private readonly input: PromptInput,
    private readonly tokens: readonly number[],
  ) {
    this.echo = new Promise((resolve) => {
      this.#settle = resolve;
    });
  }

  /** Undefined: there are none. Later calls change nothing. */
  report(logprobs: readonly TokenLogprobs[] | undefined): void {
    if (this.#reported) return;
    this.#reported = true;
    const { model, tokens } = this;
    const { text, offsets } = promptText(model, this.input, tokens);
    const scores = logprobs && scoredTokens(model, tokens, [null, ...logprobs], offsets);
    this.#settle({ text, scores });
  }
}

/** Offsets are in code points of the text; the tokens that a tokenizer puts before it begin at 0. */
function promptText(model: EchoModel, input: PromptInput, tokens: readonly number[]) {
  const decoder = model.decoder(false, { showsSpecialTokens: true });
  const starts: number[] = [];
  let decoded = '';
  let length = 0;
  for (const token of tokens) {
    starts.push(length);
    const piece = decoder.push([token]);
    decoded += piece;
    for (const _ of piece) length++;
  }
  decoded += decoder.flush();
  const text = input.kind === 'text' ? input.text : decoded;
  const added = decoded.endsWith(text) ? [...decoded.slice(0, decoded.length - text.length)].length : 0;
  return { text, offsets: starts.map((start) => Math.max(start - added, 0)) };
}
