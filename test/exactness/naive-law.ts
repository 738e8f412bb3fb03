// The law of the next token under all sampling parameters, worked out the plain way: whole rows, full sorts, recounting
// the history each time. It shares no code with the product's sampling.
import type { SamplingParams } from '#libs/sampling/index.js';

/** Logits after bias, forbidding and penalties; −∞ for a forbidden token. `round` is where the product stores float32. */
export function naiveLogits(
  logits: ArrayLike<number>,
  params: SamplingParams,
  history: readonly number[],
  promptLength: number,
  round: (value: number) => number = (value) => value,
): number[] {
  const generated = history.slice(promptLength);
  return Array.from(logits, (raw, token) => {
    const isForbidden =
      (params.allowedTokenIds && !params.allowedTokenIds.includes(token)) ||
      params.bannedTokenIds?.includes(token) ||
      params.badWords?.some((word) => ` ${[...history, token].join(' ')}`.endsWith(` ${word.join(' ')}`)) ||
      (generated.length < (params.minTokens ?? 0) && params.stopTokenIds?.includes(token));
    if (isForbidden) return Number.NEGATIVE_INFINITY;
    let logit = round(raw + (params.logitBias?.get(token) ?? 0));
    const penalty = params.repetitionPenalty ?? 1;
    if (history.includes(token)) logit = round(logit > 0 ? logit / penalty : logit * penalty);
    const count = generated.filter((each) => each === token).length;
    const presence = count > 0 ? (params.presencePenalty ?? 0) : 0;
    return round(logit - (presence + (params.frequencyPenalty ?? 0) * count));
  });
}

/** Temperature → top-k → top-p → min-p → typical-p → renormalise. */
export function naiveLaw(logits: readonly number[], params: SamplingParams): number[] {
  const best = Math.max(...logits);
  if (params.temperature === 0) return logits.map((_, token) => (token === logits.indexOf(best) ? 1 : 0));
  const probable = logits.map((logit) => Math.exp((logit - best) / params.temperature));
  const forbidden = new Set([...logits.keys()].filter((token) => logits[token] === Number.NEGATIVE_INFINITY));
  const byLogit = [...logits.keys()].sort((a, b) => logits[b]! - logits[a]! || a - b);
  let kept = byLogit.filter((token) => !forbidden.has(token) && probable[token]! > 0);
  const massOf = (tokens: number[]) => tokens.reduce((sum, token) => sum + probable[token]!, 0);
  const leading = (tokens: number[], share: number) => {
    const goal = share * massOf(tokens);
    return share >= 1 ? tokens : tokens.filter((_, i) => i === 0 || massOf(tokens.slice(0, i)) < goal);
  };
  if (params.topK > 0) kept = kept.slice(0, params.topK);
  kept = leading(kept, params.topP);
  kept = kept.filter((token) => probable[token]! >= (params.minP ?? 0));
  const mass = massOf(kept);
  const surprise = (token: number) => -Math.log(probable[token]! / mass);
  const entropy = kept.reduce((sum, token) => sum + (probable[token]! / mass) * surprise(token), 0);
  const oddity = (token: number) => Math.abs(surprise(token) - entropy);
  kept = leading(
    [...kept].sort((a, b) => oddity(a) - oddity(b) || a - b),
    params.typicalP ?? 1,
  );
  const total = massOf(kept);
  return logits.map((_, token) => (kept.includes(token) ? probable[token]! / total : 0));
}
