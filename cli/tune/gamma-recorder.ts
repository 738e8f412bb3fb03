// Records what length controllers are judged by: at every position of the target's own answers, what the draft would have
// drafted there, how sure it was and how much of it was right; and what rounds of every length cost.
import { randomUUID } from 'node:crypto';
import { GREEDY } from '#libs/sampling/index.js';
import {
  type AcceptanceTrace,
  ConstantGamma,
  type Proposer,
  type Round,
  type Sequence,
} from '#libs/speculative/index.js';
import { type GammaRecording, LONGEST_DRAFT } from '#libs/tuning/index.js';
import type { GammaBench } from './gamma-bench.js';
import { quantile } from './quantile.js';

/** Lengths at which costs are measured. */
const LENGTHS = [1, 2, 3, 4, 6, 8, 12, LONGEST_DRAFT];
const COST_REPEATS = 3;
const QUARTILE = 0.25;

/** @param onPrompt Told when a prompt has been recorded. */
export async function record(
  bench: GammaBench,
  onPrompt: () => void,
  signal: AbortSignal,
): Promise<GammaRecording> {
  const traces: AcceptanceTrace[] = [];
  for (const { prompt, answer } of bench.texts) {
    traces.push(await bench.withDraft((draft) => traceOf(draft, prompt, answer, signal)));
    onPrompt();
  }
  const copies = traces.map(({ accepted, confidences }) => ({
    accepted: [...accepted],
    confidences: confidences.map((each) => [...each]),
  }));
  return { kind: 'recording', traces: copies, ...(await costsOf(bench, signal)) };
}

async function traceOf(
  draft: Proposer,
  prompt: readonly number[],
  answer: readonly number[],
  signal: AbortSignal,
): Promise<AcceptanceTrace> {
  const accepted: number[] = [];
  const confidences: number[][] = [];
  const tokens = [...prompt];
  const sequence = { sessionId: randomUUID(), tokens, promptLength: prompt.length, sampling: GREEDY };
  for (let at = 0; at + 1 < answer.length; at++) {
    tokens.push(answer[at]!);
    // The round's own token needs a place too.
    const maxTokens = Math.min(LONGEST_DRAFT, answer.length - at - 2);
    const drafted = maxTokens === 0 ? [] : await draftedAt(draft, sequence, maxTokens, signal);
    const wrong = drafted.findIndex(({ token }, i) => token !== answer[at + 1 + i]);
    accepted.push(wrong < 0 ? drafted.length : wrong);
    confidences.push(drafted.map(({ confidence }) => Math.round(1000 * confidence) / 1000));
  }
  return { accepted, confidences };
}

async function draftedAt(draft: Proposer, sequence: Sequence, maxTokens: number, signal: AbortSignal) {
  const plan = { maxTokens, minConfidence: 0 };
  const { proposal, confidences = [] } = await draft.propose(sequence, plan, signal);
  return Array.from(proposal.tokens, (token, i) => ({ token, confidence: confidences[i] ?? 1 }));
}

/** In turns, so that a machine that gets busier or idler favours no length. */
async function costsOf(
  bench: GammaBench,
  signal: AbortSignal,
): Promise<Pick<GammaRecording, 'plainMs' | 'draftMs' | 'restMs'>> {
  const rounds = new Map<number, Round[]>([0, ...LENGTHS].map((length) => [length, []]));
  for (let repeat = 0; repeat < COST_REPEATS; repeat++)
    for (const [length, list] of rounds) {
      const text = bench.texts[(repeat + length) % bench.texts.length]!;
      const { rounds: some } = await bench.generate(text, new ConstantGamma(length), signal);
      list.push(...some.filter(({ drafted }) => drafted === length));
    }
  const curve = (msOf: (round: Round) => number): [number, number][] =>
    LENGTHS.filter((length) => rounds.get(length)!.length > 0).map((length) => [
      length,
      quantile(rounds.get(length)!.map(msOf), QUARTILE),
    ]);
  return {
    plainMs: quantile(
      rounds.get(0)!.map(({ totalMs }) => totalMs),
      QUARTILE,
    ),
    draftMs: rising(curve(({ draftMs }) => draftMs)),
    restMs: rising(curve(({ totalMs, draftMs }) => totalMs - draftMs)),
  };
}

/** More tokens never cost less, whatever was measured. */
function rising(points: readonly [number, number][]): [number, number][] {
  let least = 0;
  return points.map(([length, ms]) => {
    least = Math.max(least, ms);
    return [length, least];
  });
}
