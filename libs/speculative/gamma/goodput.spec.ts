// The controllers replayed on recorded generations of the default model pair (npm run bench -- traces): 36 prompts in six
// families, each position with what the draft would have drafted there.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import type { GammaController } from '../round.js';
import { ConstantGamma } from './constant.js';
import { DraftExitGamma, DraftExitState } from './draft-exit.js';
import { GoodputGamma } from './goodput.js';
import { HeuristicGamma } from './heuristic.js';
import { type AcceptanceTrace, type CostLaw, replay } from './replay.js';
import { GoodputKnowledge } from './source-worth.js';

type FamilyTrace = AcceptanceTrace & { readonly family: string };

const FILE = new URL('../../../../test/fixtures/acceptance-traces.json', import.meta.url);
const TRACES = JSON.parse(readFileSync(FILE, 'utf8')) as FamilyTrace[];
const FAMILIES = [...new Set(TRACES.map(({ family }) => family))];

/** A linear congruential generator (Numerical Recipes): every run is the same. */
function generator(state: number): () => number {
  let at = state;
  return () => {
    at = (Math.imul(at, 1664525) + 1013904223) >>> 0;
    return at / 2 ** 32;
  };
}

const random = generator(1);
const law = (costs: Omit<CostLaw, 'noise'>): CostLaw => ({ ...costs, noise: () => 0.95 + 0.1 * random() });

/** Milliseconds as measured on 2 cores; a slower target behind a network; a draft nearly half as dear as its target. */
const LAWS = {
  'one machine': law({ plainMs: 9.9, draftMs: (n) => 1.2 + 1.3 * n, restMs: (n) => 9.05 + 1.25 * n }),
  'a slow target, a distant draft': law({
    plainMs: 30,
    draftMs: (n) => 4 + 1.3 * n,
    restMs: (n) => 30 + 0.5 * n,
  }),
  'a dear draft': law({ plainMs: 9.9, draftMs: (n) => 1 + 4 * n, restMs: (n) => 8.8 + 1.5 * n }),
};

function invented(confidence: () => number): AcceptanceTrace[] {
  return Array.from({ length: 6 }, () => ({
    accepted: Array.from({ length: 96 }, () => (random() < 0.02 ? 1 : 0)),
    confidences: Array.from({ length: 96 }, () => Array.from({ length: 8 }, confidence)),
  }));
}

/** Times the rate of plain decoding. */
function speedup(traces: readonly AcceptanceTrace[], costs: CostLaw, gamma: () => GammaController): number {
  const replays = traces.map((trace) => replay(trace, gamma(), costs));
  const tokens = replays.reduce((sum, each) => sum + each.tokens, 0);
  return (tokens * costs.plainMs) / replays.reduce((sum, each) => sum + each.ms, 0);
}

/** What serving for a while has taught. */
function experienced(costs: CostLaw): GoodputKnowledge {
  const knowledge = new GoodputKnowledge();
  for (const trace of TRACES) replay(trace, new GoodputGamma(knowledge), costs);
  return knowledge;
}

for (const [name, costs] of Object.entries(LAWS)) {
  const knowledge = experienced(costs);
  const goodput = () => new GoodputGamma(knowledge);

  test(`goodput comes within 5 % of the best constant gamma in hindsight, on every family: ${name}`, (t) => {
    for (const family of FAMILIES) {
      const traces = TRACES.filter((trace) => trace.family === family);
      const constants = [0, 1, 2, 3, 4, 5, 6, 7, 8].map((gamma) =>
        speedup(traces, costs, () => new ConstantGamma(gamma)),
      );
      const best = Math.max(...constants);
      const own = speedup(traces, costs, goodput);
      t.diagnostic(`${name}, ${family}: ${own.toFixed(3)}, best constant ${best.toFixed(3)}`);
      assert.ok(own >= 0.95 * best, `${family}: ${own} against ${best}`);
    }
  });

  test(`goodput hardly slows a generation that can't be drafted: ${name}`, () => {
    const doubtful = speedup(
      invented(() => 0.1 + 0.3 * random()),
      costs,
      goodput,
    );
    assert.ok(doubtful >= 0.97, `a draft of noise that knows it: ${doubtful}`);
    const sure = speedup(
      invented(() => 0.9 + 0.1 * random()),
      costs,
      goodput,
    );
    assert.ok(sure >= 0.97, `a draft of noise that is sure of itself: ${sure}`);
  });
}

test('goodput beats the heuristics over all families, whatever the costs', () => {
  for (const [name, costs] of Object.entries(LAWS)) {
    const knowledge = experienced(costs);
    const own = speedup(TRACES, costs, () => new GoodputGamma(knowledge));
    const state = new DraftExitState();
    const others = {
      heuristic: speedup(TRACES, costs, () => new HeuristicGamma()),
      'heuristic that stops at doubt': speedup(
        TRACES,
        costs,
        () => new HeuristicGamma({ minConfidence: 0.5 }),
      ),
      'draft exit': speedup(TRACES, costs, () => new DraftExitGamma(state)),
    };
    for (const [other, rate] of Object.entries(others))
      assert.ok(own > 0.985 * rate, `${name}: ${own} against ${rate} of ${other}`);
  }
});
