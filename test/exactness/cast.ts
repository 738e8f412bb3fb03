// The cast of the simulations: targets, drafts of every quality, and what may happen to a draft.
import { keyedRandom, Purpose, type SamplingParams } from '#libs/sampling/index.js';
import type { GammaController, Proposer } from '#libs/speculative/index.js';
import { type ToyModel, toyModel } from './toy-models.js';

export const PLAIN: Omit<SamplingParams, 'seed'> = { temperature: 1, topK: 0, topP: 1 };

export function randomTarget(vocabSize: number, seed: number, spread = 3): ToyModel {
  return toyModel(vocabSize, seed, (_row, _token, random) => spread * (random() - 0.5));
}

/** Agrees with the target up to noise. */
export function closeDraft(target: ToyModel, seed: number, noise = 1.5): ToyModel {
  return toyModel(
    target.vocabSize,
    seed,
    (row, token, random) => target.rows[row]![token]! + noise * (random() - 0.5),
  );
}

/** Surer than the target. */
export function sharpDraft(target: ToyModel): ToyModel {
  return toyModel(target.vocabSize, 0, (row, token) => 4 * target.rows[row]![token]!);
}

export function flatDraft(target: ToyModel): ToyModel {
  return toyModel(target.vocabSize, 0, () => 0);
}

/** Likes best what the target likes least. */
export function contraryDraft(target: ToyModel): ToyModel {
  return toyModel(target.vocabSize, 0, (row, token) => -2 * target.rows[row]![token]!);
}

/** Fails in one of four ways in a share of the rounds, independently of what it would have drafted. */
export function unreliable(proposer: Proposer, share: number): Proposer {
  const never = new Promise<never>(() => {});
  return {
    propose(sequence, plan, signal) {
      const u = keyedRandom(~sequence.sampling.seed, sequence.tokens.length)(0, Purpose.DRAFT) / share;
      if (u >= 1) return proposer.propose(sequence, plan, signal);
      if (u < 0.25) throw new Error('the draft threw');
      if (u < 0.5) return Promise.reject(new Error('the draft rejected'));
      if (u < 0.75) return proposer.propose(sequence, { ...plan, maxTokens: plan.maxTokens + 1 }, signal);
      return proposer.propose(sequence, plan, signal).then((answer) => {
        const tokens = answer.proposal.tokens.map(() => 1e9);
        return tokens.length > 0 ? { ...answer, proposal: { ...answer.proposal, tokens } } : never;
      });
    },
  };
}

/**
 * A controller that looks at how long the thrown-away part of the last draft was. A real one may (acceptance relative to
 * the drafted length does), so the draws behind that length must not be met again.
 */
export class CuriousGamma implements GammaController {
  #skip = false;

  next() {
    return { maxTokens: this.#skip ? 0 : 4, minConfidence: 0.4 };
  }

  observe({ drafted, accepted }: { readonly drafted: number; readonly accepted: number }): void {
    this.#skip = drafted - accepted === 2;
  }
}
