// What can go wrong, where, and when: the cases of the fault suite.
import type { LinkFault } from '../support/tcp-proxy.js';

/**
 * A process, or the link to one: gateway to verifier, verifier to draft, everybody to Redis. The gateway is the one that the
 * client has asked: it then retries with its idempotency key at another.
 */
export const TARGETS = [
  'gateway',
  'verifier',
  'draft',
  'redis',
  'link to verifier',
  'link to draft',
  'link to redis',
] as const;
export type Target = (typeof TARGETS)[number];

/** Of the request: before it is sent, while its prompt is read, at its first text, midway, near its end. */
export const PHASES = ['queued', 'prefill', 'first round', 'midway', 'last round'] as const;
export type Phase = (typeof PHASES)[number];

export type Fault =
  | { readonly kind: 'kill' | 'terminate' | 'freeze' | 'empty' }
  | { readonly kind: 'link'; readonly link: LinkFault };

const LINK_FAULTS: readonly Fault[] = (
  [
    { kind: 'latency', ms: 20 },
    { kind: 'bandwidth', bytesPerSecond: 20_000 },
    { kind: 'blackhole' },
    { kind: 'half-open' },
    { kind: 'reset' },
    { kind: 'truncate', bytes: 300 },
  ] as const
).map((link) => ({ kind: 'link', link }));

const FAULTS: Readonly<Record<Target, readonly Fault[]>> = {
  gateway: [{ kind: 'kill' }, { kind: 'terminate' }, { kind: 'freeze' }],
  verifier: [{ kind: 'kill' }, { kind: 'terminate' }, { kind: 'freeze' }],
  draft: [{ kind: 'kill' }, { kind: 'terminate' }, { kind: 'freeze' }],
  redis: [{ kind: 'kill' }, { kind: 'freeze' }, { kind: 'empty' }],
  'link to verifier': LINK_FAULTS,
  'link to draft': LINK_FAULTS,
  'link to redis': LINK_FAULTS,
};

export interface Strike {
  readonly target: Target;
  readonly fault: Fault;
  readonly phase: Phase;
}

export interface Case {
  /** Of different targets. */
  readonly strikes: readonly Strike[];
  /** Greedy, or sampled with a seed: both texts are promised. */
  readonly sampling: 'greedy' | 'seeded';
}

/** Every fault at every phase, greedy and seeded by turns. */
export function allCases(): Case[] {
  const strikes = TARGETS.flatMap((target) =>
    FAULTS[target].flatMap((fault) => PHASES.map((phase) => ({ target, fault, phase }))),
  );
  return strikes.map((strike, i) => ({ strikes: [strike], sampling: i % 2 === 0 ? 'greedy' : 'seeded' }));
}

/** One to three faults in one request. */
export function randomCase(random: () => number): Case {
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)]!;
  const targets = new Set(Array.from({ length: 1 + Math.floor(3 * random()) }, () => pick(TARGETS)));
  // What a lost gateway has generated is in Redis, and nowhere else.
  if (targets.has('redis') || targets.has('link to redis')) targets.delete('gateway');
  const strikes = [...targets].map((target) => ({
    target,
    fault: pick(FAULTS[target]),
    phase: pick(PHASES),
  }));
  return { strikes, sampling: pick(['greedy', 'seeded']) };
}

export function describe({ strikes, sampling }: Case): string {
  const parts = strikes.map(({ target, fault, phase }) => `${target} ${nameOf(fault)} (${phase})`);
  return `${parts.join(' + ')}, ${sampling}`;
}

export function nameOf({ kind, ...fault }: Fault): string {
  return 'link' in fault ? fault.link.kind : kind;
}
