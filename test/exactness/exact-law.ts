// The law of whole sequences, enumerated: the reference every simulation is tested against. It shares no code with
// the product's sampling.
import type { SamplingParams } from '#libs/sampling/index.js';
import { naiveLaw, naiveLogits } from './naive-law.js';
import { rowIndex, type ToyModel } from './toy-models.js';

/** Probability of each possible continuation ("3,0,2") of the prompt. */
export function exactLaw(
  model: ToyModel,
  params: SamplingParams,
  prompt: readonly number[],
  maxTokens: number,
  stopTokenIds: ReadonlySet<number> = new Set(),
  isAllowed: (generated: readonly number[], token: number) => boolean = () => true,
): Map<string, number> {
  const law = new Map<string, number>();
  const walk = (generated: number[], probability: number) => {
    if (generated.length === maxTokens || stopTokenIds.has(generated.at(-1)!)) {
      law.set(generated.join(), probability);
      return;
    }
    const history = [...prompt, ...generated];
    const logits = naiveLogits(model.rows[rowIndex(model, history)]!, params, history, prompt.length);
    const masked = logits.map((each, token) =>
      isAllowed(generated, token) ? each : Number.NEGATIVE_INFINITY,
    );
    const next = naiveLaw(masked, params);
    for (let token = 0; token < next.length; token++)
      if (next[token]! > 0) walk([...generated, token], probability * next[token]!);
  };
  walk([], 1);
  return law;
}
