// Draft sources and controllers that learn, with a clock whose ticks depend on nothing but their number.
import { Chain, GoodputGamma, GoodputKnowledge, PromptLookup } from '#libs/speculative/index.js';
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

export function goodputCase(): Case {
  const knowledge = new GoodputKnowledge();
  return { gamma: () => new GoodputGamma(knowledge), now: unevenClock() };
}

export function chainCase(): Case {
  const [ofLookup, ofDraft] = [new GoodputKnowledge(), new GoodputKnowledge()];
  return {
    now: unevenClock(),
    vocabSize: 3,
    length: 5,
    drafting: (draft) => {
      const chain = new Chain([
        {
          name: 'lookup',
          proposer: new PromptLookup({ min: 1, max: 3 }),
          gamma: new GoodputGamma(ofLookup),
          isFree: true,
        },
        { name: 'draft', proposer: draft, gamma: new GoodputGamma(ofDraft), isFree: false },
      ]);
      return { proposer: chain, gamma: chain };
    },
  };
}
