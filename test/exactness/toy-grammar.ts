// A grammar over toy tokens: the product's masks along the draft path, and the same language worked out by trying all
// continuations, which shares no code with them.
import { type GrammarFollower, type GrammarSpec, type MaskRows, maskRow } from '#libs/grammar/index.js';
import {
  History,
  keyedRandom,
  processLogits,
  type SamplingParams,
  toDistribution,
  type VerificationRule,
  verifyProposal,
} from '#libs/sampling/index.js';
import type { Verifier } from '#libs/speculative/index.js';
import { rowIndex, type ToyModel } from './toy-models.js';

/** Token i is letter i; the token after them ends the text. */
const LETTERS = ['a', 'b', 'c', 'd'];
export const END_TOKEN = LETTERS.length;
export const TOY_TOKENS = [...LETTERS.map((letter) => new TextEncoder().encode(letter)), new Uint8Array(0)];

const PATTERN = '(ab|ac|b[cd]|cd?a|da)*(d|cc)';
const TOY_SPEC: GrammarSpec = { kind: 'regex', pattern: PATTERN };
const LONGEST_WAY_OUT = 4;

/** Whether a token may come next in a language over these letters: by trying all continuations. */
export function languageOf(
  pattern: string,
  letters: readonly string[],
  texts: readonly string[],
): (generated: readonly number[], token: number) => boolean {
  const language = new RegExp(`^(?:${pattern})$`);
  const endings = new Map<string, boolean>();
  /** Whether the text, or some continuation of it, is in the language. */
  const canEnd = (text: string, left = LONGEST_WAY_OUT): boolean => {
    const key = `${left}${text}`;
    const known = endings.get(key);
    if (known !== undefined) return known;
    const can =
      language.test(text) || (left > 0 && letters.some((letter) => canEnd(text + letter, left - 1)));
    endings.set(key, can);
    return can;
  };
  return (generated, token) => {
    const text = generated.map((each) => texts[each]).join('');
    return token === texts.length ? language.test(text) : canEnd(text + texts[token]);
  };
}

export const isAllowed = languageOf(PATTERN, LETTERS, LETTERS);

/** Which path the grammar takes, and which of its rows row i of the verification gets; replaced by controls only. */
export interface GrammarView {
  /** Tokens before the first row. */
  readonly start: (generated: readonly number[]) => readonly number[];
  readonly row: (i: number) => number;
  /** Told of each round's drafted tokens and what came after the accepted ones. */
  readonly after?: (drafted: readonly number[], finalToken: number) => void;
  readonly rule?: VerificationRule;
}

export const positionWise: GrammarView = { start: (generated) => generated, row: (i) => i };

let numGenerations = 0;

export function grammarVerifier(
  model: ToyModel,
  params: SamplingParams,
  follower: GrammarFollower,
  view: GrammarView = positionWise,
  spec: GrammarSpec = TOY_SPEC,
): Verifier {
  const generationId = String(numGenerations++);
  const scratch = new Float32Array(model.vocabSize);
  const ask = (generated: readonly number[], drafted: readonly number[]): Promise<MaskRows> =>
    follower.masks(spec, { generationId, generated, drafted, avoidEnd: false });
  return {
    async verify({ tokens, promptLength, sampling }, proposal) {
      const generated = tokens.slice(promptLength);
      const drafted = Array.from(proposal.tokens);
      const masks = await ask(view.start(generated), drafted).catch(() => ask(generated, drafted));
      const history = new History(tokens, promptLength);
      const row = (i: number) => {
        const index = rowIndex(model, [...tokens.slice(-2), ...drafted.slice(0, i)]);
        const allowedMask = maskRow(masks, Math.min(view.row(i), masks.numRows - 1));
        const options = { scratch, allowedMask };
        return toDistribution(
          processLogits(model.rows[index]!, params, history.continueWith(drafted, i), options),
          params,
        );
      };
      const random = keyedRandom(sampling.seed, tokens.length);
      const { rule = verifyProposal } = view;
      const verdict = rule({ row, proposal, firstPosition: tokens.length, random, sampling });
      view.after?.(drafted, verdict.finalToken);
      return { verdict, computeMs: 0, cachedTokens: 0 };
    },
  };
}

/** A matcher that takes in what was drafted and never goes back. */
export function advancedByRejected(): GrammarView {
  const path: number[] = [];
  return {
    start: () => path.slice(),
    row: (i) => i,
    after: (drafted, finalToken) => void path.push(...drafted, finalToken),
  };
}

/** The first position's mask for all. */
export const maskOfFirstRow: GrammarView = { start: (generated) => generated, row: () => 0 };
