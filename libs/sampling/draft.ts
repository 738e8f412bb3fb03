// The draft's side: which law q it follows, how it draws from it, and whether the verifier needs to know q. A law that
// is sent is exactly the law its token was drawn from.
import { coupledToken } from './coupled.js';
import { type Distribution, distributionOf, sampleFrom } from './distribution.js';
import type { SamplingParams } from './params.js';
import { toDistribution } from './processors.js';
import { Purpose, type RoundRandom } from './random.js';

/** Most tokens a draft's row may name: bounds a proposal's size on the wire. */
const MAX_DRAFT_SUPPORT = 64;

type Modes = Pick<SamplingParams, 'temperature' | 'verification' | 'draftMode'>;

/** Whether proposals carry q rows: not if q is one-hot, nor if the rule doesn't ask for q. */
export function sendsLaws({ temperature, verification, draftMode }: Modes): boolean {
  return temperature > 0 && draftMode !== 'deterministic' && verification !== 'coupled';
}

/**
 * The draft's law q for one row of logits: one-hot for a deterministic draft; if it travels, cut to `maxSupport` tokens
 * and rounded to float32; else as the target's. Draw from exactly this law. `headTokenIds` names the token of each logit
 * where the draft's output layer covers a part of the vocabulary; a law that doesn't travel keeps their order.
 */
export function draftDistribution(
  logits: Float32Array,
  params: SamplingParams,
  headTokenIds?: Uint32Array,
  maxSupport = MAX_DRAFT_SUPPORT,
): Distribution {
  if (headTokenIds !== undefined && headTokenIds.length !== logits.length)
    throw new RangeError(`${headTokenIds.length} head token ids cannot name ${logits.length} logits.`);
  if (!sendsLaws(params)) {
    const temperature = params.draftMode === 'deterministic' ? 0 : params.temperature;
    const law = toDistribution(logits, { ...params, temperature });
    return headTokenIds === undefined ? law : { ...law, ids: named(law.ids, headTokenIds) };
  }
  const topK = params.topK > 0 ? Math.min(params.topK, maxSupport) : maxSupport;
  const { ids, weights, mass } = toDistribution(logits, { ...params, topK });
  const tokenOf = (entry: number) => {
    const index = ids === undefined ? entry : ids[entry]!;
    return headTokenIds === undefined ? index : headTokenIds[index]!;
  };
  const entries = Array.from(weights.keys()).sort((a, b) => tokenOf(a) - tokenOf(b));
  return distributionOf(
    Uint32Array.from(entries, tokenOf),
    Float32Array.from(entries, (entry) => weights[entry]! / mass),
  );
}

function named(rows: Uint32Array | undefined, headTokenIds: Uint32Array): Uint32Array {
  return rows === undefined ? headTokenIds : rows.map((row) => headTokenIds[row]!);
}

/**
 * The draft's token at a position: under the noise that the target will meet there if the modes are coupled, else a draw
 * of the round's own. @param law From `draftDistribution` with the same parameters.
 */
export function drawDraft(
  law: Distribution,
  { verification, seed }: Pick<SamplingParams, 'verification' | 'seed'>,
  position: number,
  random: RoundRandom,
): number {
  return verification === 'coupled'
    ? coupledToken(law, seed, position)
    : sampleFrom(law, random(position, Purpose.DRAFT));
}
