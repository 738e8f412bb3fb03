// One seeded generation over the toy models, in whatever way the tokens may come about.
import {
  deterministicProposal,
  type SamplingParams,
  sampledProposal,
  type VerificationMode,
  type VerificationRule,
} from '#libs/sampling/index.js';
import { ConstantGamma, decode, type GammaController, type Proposer } from '#libs/speculative/index.js';
import * as cast from './cast.js';
import type { ToyModel } from './toy-models.js';
import { toyProposer, toyVerifier } from './toy-ports.js';

const PROMPT = [0, 1];
export const NUM_TOKENS = 60;
const target = cast.randomTarget(6, 1);

export interface Setting {
  readonly seed: bigint;
  readonly params?: Partial<SamplingParams>;
  readonly verification?: VerificationMode;
  readonly rule?: VerificationRule;
  readonly proposer?: Proposer | undefined;
  readonly gamma?: GammaController;
  /** Tokens after which another process goes on. */
  readonly resumeAt?: number;
}

function samplingOf({ seed, params, verification = 'coupled' }: Setting): SamplingParams {
  return { ...cast.PLAIN, verification, ...params, seed };
}

export async function generate(setting: Setting): Promise<number[]> {
  const { proposer, gamma = new ConstantGamma(4), rule, resumeAt = 0 } = setting;
  const sampling = samplingOf(setting);
  const promptLength = PROMPT.length;
  const verifier = toyVerifier(target, sampling, { promptLength, ...(rule && { rule }) });
  const ports = { verifier, proposer, gamma, draftDeadlineMs: 1000, now: () => 0 };
  const tokens = [...PROMPT];
  for (const until of resumeAt > 0 ? [resumeAt, NUM_TOKENS] : [NUM_TOKENS]) {
    const request = {
      sessionId: 's',
      promptTokens: tokens,
      promptLength,
      sampling,
      maxTokens: PROMPT.length + until - tokens.length,
      contextLength: 1000,
      stopTokenIds: new Set<number>(),
      vocabSize: 6,
    };
    const generated: number[] = [];
    for await (const round of decode(request, ports, new AbortController().signal))
      generated.push(...round.tokens);
    tokens.push(...generated);
  }
  return tokens.slice(PROMPT.length);
}

const MODELS: Record<string, ToyModel> = {
  close: cast.closeDraft(target, 2),
  sharp: cast.sharpDraft(target),
  flat: cast.flatDraft(target),
  contrary: cast.contraryDraft(target),
};

/** Any tokens in the vocabulary, whatever was asked, as a sampled draft or a deterministic one. */
const liar: Proposer = {
  async propose({ tokens }, { maxTokens }) {
    const drafted = Array.from({ length: maxTokens }, (_, i) => (tokens.length * 5 + i * i) % 6);
    const row = { ids: Uint32Array.of(0, 1, 2, 3, 4, 5), weights: new Float32Array(6).fill(1 / 6), mass: 1 };
    const sampled = tokens.length % 2 === 0;
    const proposal = sampled
      ? sampledProposal(
          drafted,
          drafted.map(() => row),
        )
      : deterministicProposal(drafted);
    return { proposal, computeMs: 0 };
  },
};

export function drafts(setting: Setting): Record<string, Proposer | undefined> {
  const sampling = samplingOf(setting);
  const promptLength = PROMPT.length;
  const honest = Object.entries(MODELS).map(([name, model]) => [
    name,
    toyProposer(model, sampling, { promptLength }),
  ]);
  const close = toyProposer(MODELS.close!, sampling, { promptLength });
  return {
    none: undefined,
    ...Object.fromEntries(honest),
    deterministic: toyProposer(MODELS.close!, { ...sampling, draftMode: 'deterministic' }, { promptLength }),
    'in another mode': toyProposer(MODELS.close!, { ...sampling, verification: 'block' }, { promptLength }),
    failing: cast.unreliable(close, 0.6),
    dead: { propose: () => Promise.reject(new Error('down')) },
    lying: liar,
  };
}
