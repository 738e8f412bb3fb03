// What to draft behind places that agree with the text's end: at each step the token that most of them go on with, the
// longer the agreement the heavier its vote, and with it the share of the votes as the confidence.
import type { DraftPlan } from '../round.js';
import { GAP, type Occurrence } from './occurrences.js';

export interface Continuation {
  readonly tokens: readonly number[];
  /** How sure each token is, once those before it are right; the controller calibrates it. */
  readonly confidences: readonly number[];
}

/** Weight of "something new" beside places that agree in so many tokens: measured on recorded answers. */
const DOUBT = 1.5;

/**
 * Stops where a draft model does: after the token that it doubts.
 * @param loops Past the end of the text the continuation reads itself: a text that repeats goes on repeating.
 */
export function continuation(
  found: readonly Occurrence[],
  { maxTokens, minConfidence, minReach = 0 }: DraftPlan,
  { loops = false } = {},
): Continuation {
  const tokens: number[] = [];
  const confidences: number[] = [];
  let agreeing = found;
  let reach = 1;
  while (tokens.length < maxTokens) {
    const step = tokens.length;
    const tokenAt = ({ text, next }: Occurrence): number => {
      const index = next + step;
      return loops && index >= text.size ? tokens[index - text.size]! : text.at(index);
    };
    const best = elected(agreeing, tokenAt, step);
    if (best === undefined) break;
    tokens.push(best.token);
    confidences.push(best.confidence);
    reach *= best.confidence;
    if (best.confidence < minConfidence || reach < minReach) break;
    agreeing = agreeing.filter((each) => tokenAt(each) === best.token);
  }
  return { tokens, confidences };
}

function elected(
  places: readonly Occurrence[],
  tokenAt: (place: Occurrence) => number,
  step: number,
): { readonly token: number; readonly confidence: number } | undefined {
  const votes = new Map<number, number>();
  let all = DOUBT;
  for (const place of places) {
    const token = tokenAt(place);
    if (token === GAP) continue;
    const weight = place.length + step;
    votes.set(token, (votes.get(token) ?? 0) + weight);
    all += weight;
  }
  let best: { readonly token: number; readonly votes: number } | undefined;
  // Of equals the newest place's: it comes first.
  for (const [token, count] of votes)
    if (best === undefined || count > best.votes) best = { token, votes: count };
  return best && { token: best.token, confidence: best.votes / all };
}
