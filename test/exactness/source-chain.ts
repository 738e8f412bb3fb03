// A chain of all toy sources. Every member learns its own costs and acceptance from a clock whose ticks depend on nothing
// but their number, so that lengths and choices change all the time; and each dear one is down in half of the rounds, so that
// none is left out.
import { keyedRandom, Purpose } from '#libs/sampling/index.js';
import { Chain, GoodputKnowledge, type Proposer, type Verifier } from '#libs/speculative/index.js';
import { kept } from '../../services/verifier/kept.js';
import { unevenClock } from './drafting-cases.js';
import type { SourcePorts } from './source.js';

/** Of one generation. */
interface Members {
  readonly free: Readonly<Record<string, Proposer>>;
  readonly dear: Readonly<Record<string, Proposer>>;
  readonly verifier: Verifier | undefined;
}

export function mixedChain(members: () => Members): () => SourcePorts {
  const knowledge = new Map<string, GoodputKnowledge>();
  const now = unevenClock();
  return () => {
    const { free, dear, verifier } = members();
    const often = Object.entries(dear).map(([name, proposer], i) => [name, oftenDown(proposer, i)] as const);
    const sources = [...Object.entries(free), ...often].map(([name, proposer]) => {
      const known = kept(knowledge, name, 8, () => new GoodputKnowledge(name in free));
      return { name, proposer, knowledge: known };
    });
    const chain = new Chain(sources);
    return { proposer: chain, gamma: chain, now, ...(verifier && { verifier }) };
  };
}

/** Down or not independently of what it would draft. */
function oftenDown(proposer: Proposer, key: number): Proposer {
  return {
    propose(sequence, plan, signal) {
      const u = keyedRandom(~sequence.sampling.seed, sequence.tokens.length)(key, Purpose.DRAFT);
      return u < 0.5 ? Promise.reject(new Error('down')) : proposer.propose(sequence, plan, signal);
    },
  };
}
