// Replays a recorded generation against a controller: what the draft would have proposed at each position and how much of
// it the target would have accepted is known, so any sequence of plans can be played, and timed by a cost law. What a
// controller would bring is thus known without running it, by tests and by `outrider tune gamma`.
import type { DraftPlan, GammaController } from '../round.js';

/** One generation: for each position, the confidences of the draft's next tokens and how many the target accepts. */
export interface AcceptanceTrace {
  readonly accepted: readonly number[];
  readonly confidences: readonly (readonly number[])[];
}

export interface CostLaw {
  readonly plainMs: number;
  /** Milliseconds for a proposal of n tokens. */
  draftMs(n: number): number;
  /** Milliseconds of the rest of a round that verifies n drafted tokens. */
  restMs(n: number): number;
  /** A factor around 1 for each measurement. */
  noise(): number;
}

export interface Replay {
  readonly tokens: number;
  readonly ms: number;
  readonly rounds: number;
  readonly drafted: number;
}

export function replay(trace: AcceptanceTrace, gamma: GammaController, costs: CostLaw): Replay {
  const length = trace.accepted.length;
  let [tokens, ms, rounds, draftedTokens] = [0, 0, 0, 0];
  while (tokens < length) {
    const plan = gamma.next();
    const confidences = trace.confidences[tokens]!.slice(0, Math.min(plan.maxTokens, length - tokens - 1));
    const drafted = numDrafted(confidences, plan);
    const accepted = Math.min(drafted, trace.accepted[tokens]!);
    const draftMs = plan.maxTokens === 0 ? 0 : costs.draftMs(drafted) * costs.noise();
    const restMs = (drafted === 0 ? costs.plainMs : costs.restMs(drafted)) * costs.noise();
    gamma.observe({ drafted, accepted, draftMs, restMs, confidences: confidences.slice(0, drafted) });
    tokens += accepted + 1;
    ms += draftMs + restMs;
    rounds++;
    draftedTokens += drafted;
  }
  return { tokens, ms, rounds, drafted: draftedTokens };
}

/** As a draft does it: it stops after the token that it doubts. */
function numDrafted(confidences: readonly number[], { minConfidence, minReach = 0 }: DraftPlan): number {
  let reach = 1;
  for (const [i, confidence] of confidences.entries()) {
    reach *= confidence;
    if (confidence < minConfidence || reach < minReach) return i + 1;
  }
  return confidences.length;
}
