// The law of whole sequences, enumerated: the reference every simulation is tested against. It shares no code with
// the product's sampling.
import type { SamplingParams } from '#libs/sampling/index.js';
import { rowIndex, type ToyModel } from './toy-models.js';

/** Probability of each possible continuation ("3,0,2") of the prompt. */
export function exactLaw(
  model: ToyModel,
  params: SamplingParams,
  prompt: readonly number[],
  maxTokens: number,
  stopTokenIds: ReadonlySet<number> = new Set(),
): Map<string, number> {
  const laws = model.rows.map((logits) => rowLaw(logits, params));
  const law = new Map<string, number>();
  const walk = (generated: number[], probability: number) => {
    if (generated.length === maxTokens || stopTokenIds.has(generated.at(-1)!)) {
      law.set(generated.join(), probability);
      return;
    }
    const next = laws[rowIndex(model, [...prompt, ...generated])]!;
    for (let token = 0; token < next.length; token++)
      if (next[token]! > 0) walk([...generated, token], probability * next[token]!);
  };
  walk([], 1);
  return law;
}

/** Temperature → top-k → top-p → renormalise, by sorting. */
function rowLaw(logits: Float32Array, { temperature, topK, topP }: SamplingParams): number[] {
  let kept = [...logits.keys()].sort((a, b) => logits[b]! - logits[a]! || a - b);
  if (topK > 0) kept = kept.slice(0, topK);
  const massOf = (tokens: number[]) =>
    tokens.reduce((sum, token) => sum + Math.exp(logits[token]! / temperature), 0);
  if (topP < 1) {
    const goal = topP * massOf(kept);
    kept = kept.filter((_, i) => i === 0 || massOf(kept.slice(0, i)) < goal);
  }
  const mass = massOf(kept);
  return Array.from(logits, (logit, token) =>
    kept.includes(token) ? Math.exp(logit / temperature) / mass : 0,
  );
}
