// Draft sources and controllers that learn, with a clock whose ticks depend on nothing but their number.
import {
  Chain,
  ConstantGamma,
  type DraftSource,
  GoodputGamma,
  GoodputKnowledge,
  HeuristicGamma,
  PastOutputs,
  PromptLookup,
  type Proposer,
  SuffixLookup,
} from '#libs/speculative/index.js';
import type { Case } from './case.js';

/** Milliseconds that pass between two looks at the clock: 0 to 10, in a fixed disorder. */
export function unevenClock(): () => number {
  let at = 0;
  let state = 1;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    at += state % 11;
    return at;
  };
}

/** Texts of three tokens, so that every lookup finds something. */
export function somePast(): PastOutputs {
  const past = new PastOutputs({ maxBytes: 2 ** 20 });
  for (const step of [1, 2, 5, 7])
    past.enter(
      '',
      Array.from({ length: 60 }, (_, i) => Math.floor((i * i) / step) % 3),
    );
  return past;
}

export function goodputCase(): Case {
  const knowledge = new GoodputKnowledge();
  return { gamma: () => new GoodputGamma(knowledge), now: unevenClock() };
}

export function chainCase(): Case {
  return chained(lookupSources(), (source) => source);
}

/** The controller that is asked for decides in a chain too. */
export function controlledChainCase(): Case {
  const past = somePast();
  const suffix = { name: 'suffix', knowledge: new GoodputKnowledge(true) };
  const others = lookupSources();
  const sources = (draft: Proposer) => [...others(draft), { ...suffix, proposer: new SuffixLookup(past) }];
  return chained(sources, (source) => ({ ...source, gamma: new HeuristicGamma({ start: 2, max: 5 }) }));
}

export function suffixCase(): Case {
  const past = somePast();
  return {
    now: unevenClock(),
    vocabSize: 3,
    length: 5,
    drafting: () => ({ proposer: new SuffixLookup(past), gamma: new ConstantGamma(3) }),
  };
}

function lookupSources(): (draft: Proposer) => DraftSource[] {
  const [ofLookup, ofDraft] = [new GoodputKnowledge(true), new GoodputKnowledge()];
  return (draft) => [
    { name: 'lookup', proposer: new PromptLookup([3, 1]), knowledge: ofLookup },
    { name: 'draft', proposer: draft, knowledge: ofDraft },
  ];
}

function chained(
  sources: (draft: Proposer) => DraftSource[],
  controlled: (source: DraftSource) => DraftSource,
): Case {
  return {
    now: unevenClock(),
    vocabSize: 3,
    length: 5,
    drafting: (draft) => {
      const chain = new Chain(sources(draft).map(controlled));
      return { proposer: chain, gamma: chain };
    },
  };
}
