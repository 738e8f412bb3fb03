// From the samples of the speedup bench to the numbers that are published.
import type { SpeedupResult, SpeedupSample } from './speedup.js';
import { bootstrap, type Interval, median, sum } from './statistics.js';

export interface VariantSummary {
  readonly variant: string;
  /** Median over prompts of plain time a token / this variant's time a token. */
  readonly speedup: number;
  readonly interval: Interval;
  readonly perFamily: Readonly<Record<string, number>>;
  readonly tokensPerSecond: number;
  readonly acceptance: number;
  readonly meanAcceptanceLength: number;
  readonly drafted: number;
  readonly sameText: number;
  readonly prompts: number;
  readonly round: RoundParts | undefined;
}

/** Mean milliseconds of a round, by part. */
export interface RoundParts {
  readonly draftCompute: number;
  readonly verifyCompute: number;
  /** Client-side time of a round less both computations: messages, threads, sampling, network, gateway, SSE. */
  readonly everythingElse: number;
}

export function summarise(result: SpeedupResult): VariantSummary[] {
  const variants = [...new Set(result.samples.map((sample) => sample.variant))];
  return variants.map((variant) => summariseVariant(result.samples, variant));
}

interface Case {
  readonly family: string;
  readonly ratio: number;
}

function summariseVariant(samples: readonly SpeedupSample[], variant: string): VariantSummary {
  const own = samples.filter((sample) => sample.variant === variant && sample.tokens > 0);
  const cases = own.map((sample): Case => {
    const plain = samples.find(
      (other) =>
        other.variant === 'plain' && other.prompt === sample.prompt && other.repeat === sample.repeat,
    )!;
    return { family: sample.family, ratio: perToken(plain) / perToken(sample) };
  });
  const families = [...new Set(own.map((sample) => sample.family))];
  const ratios = (of: readonly Case[]): number => median(of.map(({ ratio }) => ratio));
  const timings = own.flatMap((sample) => sample.timing ?? []);
  const drafted = sum(timings.map((timing) => timing.drafted));
  const accepted = sum(timings.map((timing) => timing.accepted));
  const rounds = sum(timings.map((timing) => timing.rounds.rounds));
  return {
    variant,
    speedup: ratios(cases),
    interval: bootstrap(cases, ratios),
    perFamily: Object.fromEntries(
      families.map((family) => [family, ratios(cases.filter((each) => each.family === family))]),
    ),
    tokensPerSecond: (1000 * sum(own.map(({ tokens }) => tokens))) / sum(own.map(({ decodeMs }) => decodeMs)),
    acceptance: accepted / drafted,
    meanAcceptanceLength: 1 + accepted / rounds,
    drafted: drafted / rounds,
    sameText: own.filter((sample) => sample.sameText).length,
    prompts: own.length,
    round: timings.length === 0 ? undefined : roundParts(own, rounds),
  };
}

function roundParts(samples: readonly SpeedupSample[], rounds: number): RoundParts {
  const total = (part: 'draft_compute_ms' | 'verify_compute_ms'): number =>
    sum(samples.map((sample) => sample.timing!.rounds[part]));
  const [draft, verify] = [total('draft_compute_ms'), total('verify_compute_ms')];
  return {
    draftCompute: draft / rounds,
    verifyCompute: verify / rounds,
    everythingElse: (sum(samples.map(({ decodeMs }) => decodeMs)) - draft - verify) / rounds,
  };
}

function perToken(sample: SpeedupSample): number {
  return sample.decodeMs / sample.tokens;
}
