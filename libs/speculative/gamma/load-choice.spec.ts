// The choice in simulated time, at the forward times that bench/results/load.json shows for two cores: speculation never
// falls below plain decoding, and is used where it pays.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ConstantGamma } from './constant.js';
import { GatedGamma } from './gated-gamma-testing.js';
import { GoodputGamma } from './goodput.js';
import { LoadChoice } from './load-choice.js';
import { type SharedTarget, serve } from './shared-target-testing.js';
import { GoodputKnowledge } from './source-worth.js';

function generator(state: number): () => number {
  let at = state;
  return () => {
    at = (Math.imul(at, 1_664_525) + 1_013_904_223) >>> 0;
    return at / 2 ** 32;
  };
}

/** As measured: a line in tokens and sequences. */
const FORWARDS = {
  blocks: (tokens: number, sequences: number) => 7 + 1.1 * tokens + 1.6 * sequences,
  'one scale a row': (tokens: number, sequences: number) => 9 + 0.6 * tokens + 1.2 * sequences,
};
const DRAFTS = {
  'on the same cores': { contention: 1, draftMs: (n: number) => 2.5 + 0.83 * n, draftPromptMs: 0.3 },
  'on a machine of its own': { contention: 0, draftMs: (n: number) => 2.5 + 0.83 * n, draftPromptMs: 0.3 },
};
const REQUESTS = { 'short prompts': { prompt: 40, answer: 48 }, 'long prompts': { prompt: 300, answer: 48 } };

for (const [form, forwardMs] of Object.entries(FORWARDS))
  for (const [where, draft] of Object.entries(DRAFTS))
    for (const [kind, request] of Object.entries(REQUESTS))
      test(`speculation never falls below plain decoding under load: ${form}, a draft ${where}, ${kind}`, (t) => {
        for (const acceptance of [0.4, 0.8]) {
          const knowledge = new GoodputKnowledge();
          const choice = new LoadChoice();
          for (const sessions of [2, 8, 32]) {
            const target = (): SharedTarget => {
              const random = generator(sessions);
              return { ...draft, forwardMs, request, sessions, acceptance, milliseconds: 30_000, random };
            };
            const own = serve(target(), () => new GatedGamma(new GoodputGamma(knowledge), choice));
            const rateOf = (gamma: number) => serve(target(), () => new ConstantGamma(gamma)).rate;
            const plain = rateOf(0);
            const ofPlain = own.rate / plain;
            const best = Math.max(plain, rateOf(1), rateOf(3)) / plain;
            t.diagnostic(
              `${acceptance}, ${sessions} sessions: ${ofPlain.toFixed(2)} of plain, constant lengths ${best.toFixed(2)}, ` +
                `${own.gamma.toFixed(2)} drafted`,
            );
            assert.ok(ofPlain > 0.94, `${acceptance}, ${sessions} sessions: ${ofPlain} of plain decoding`);
            if (best > 1.25)
              assert.ok(
                ofPlain > 1.1,
                `${acceptance}, ${sessions} sessions: only ${ofPlain}, though ${best} can be had`,
              );
          }
        }
      });

test('a verdict is tried again, and a draft that has become slow is left', () => {
  const choice = new LoadChoice();
  let ms = { with: 10, without: 20 };
  let on = 0;
  const serveRounds = (count: number) => {
    on = 0;
    for (let i = 0; i < count; i++) {
      const { isOn } = choice;
      on += Number(isOn);
      const restMs = isOn ? ms.with : ms.without;
      const load = { computeMs: restMs, batchSize: 8, batchTokens: 8, batchRows: 8 };
      choice.observe({ drafted: 0, accepted: 0, confidences: [], draftMs: 0, restMs, load }, isOn);
    }
    return on / count;
  };
  serveRounds(2000);
  assert.ok(choice.isShared);
  assert.equal(serveRounds(2000), 1);
  ms = { with: 30, without: 20 };
  serveRounds(20_000);
  assert.equal(serveRounds(2000), 0);
  choice.lose(1000);
  assert.equal(choice.isOn, false);
});
