// Draft sources replayed on recorded generations (npm run bench -- traces), at counted costs: what prompt lookup, past
// outputs and the chain of all bring beside the draft model, in every family of prompts.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { Chain } from './chain.js';
import type { CostLaw } from './gamma/replay.js';
import { GoodputKnowledge } from './gamma/source-worth.js';
import { PastOutputs } from './lookup/past-outputs.js';
import { PromptLookup } from './lookup/prompt-lookup.js';
import { SuffixLookup } from './lookup/suffix-lookup.js';
import type { Proposer } from './round.js';
import { replayTokens, SALT, type TokenTrace } from './token-replay-testing.js';

const TRACES = ['acceptance-traces.json', 'copy-traces.json'].flatMap((file) => {
  const url = new URL(`../../../test/fixtures/${file}`, import.meta.url);
  return JSON.parse(readFileSync(url, 'utf8')) as TokenTrace[];
});
const FAMILIES = [...new Set(TRACES.map(({ family }) => family))];
const COPIES = ['quote', 'edit', 'code edit'];

let state = 1;
const noise = () => {
  state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
  return 0.95 + state / 2 ** 32 / 10;
};
/** Milliseconds as measured on 2 cores; a slower target behind a network; a draft nearly half as dear as its target. */
const LAWS: Record<string, CostLaw> = {
  'one machine': { plainMs: 9.9, draftMs: (n) => 1.2 + 1.3 * n, restMs: (n) => 9.05 + 1.25 * n, noise },
  'a slow target': { plainMs: 30, draftMs: (n) => 4 + 1.3 * n, restMs: (n) => 30 + 0.5 * n, noise },
  'a dear draft': { plainMs: 9.9, draftMs: (n) => 1 + 4 * n, restMs: (n) => 8.8 + 1.5 * n, noise },
};

type Name = 'lookup' | 'past' | 'model';

/** Speed-up of each family, and of all: by what the first of two passes has taught, though the texts are forgotten. */
async function speedups(names: readonly Name[], costs: CostLaw): Promise<Record<string, number>> {
  const knowledge = new Map(names.map((name) => [name, new GoodputKnowledge(name !== 'model')]));
  const sums = new Map<string, { tokens: number; ms: number }>();
  for (const isMeasured of [false, true]) {
    const past = new PastOutputs({ maxBytes: 2 ** 22 });
    for (const trace of TRACES) {
      for (const output of trace.before ?? []) past.enter(SALT, output);
      const proposers = (model: Proposer) => ({
        lookup: new PromptLookup(),
        past: new SuffixLookup(past),
        model,
      });
      const { tokens, ms } = await replayTokens(trace, costs, (model) => {
        const of = proposers(model);
        const chain = new Chain(
          names.map((name) => ({ name, proposer: of[name], knowledge: knowledge.get(name)! })),
        );
        return { proposer: chain, gamma: chain };
      });
      past.enter(SALT, trace.answer);
      for (const key of isMeasured ? [trace.family, 'all'] : []) {
        const sum = sums.get(key) ?? { tokens: 0, ms: 0 };
        sums.set(key, { tokens: sum.tokens + tokens, ms: sum.ms + ms });
      }
    }
  }
  return Object.fromEntries([...sums].map(([key, { tokens, ms }]) => [key, (tokens * costs.plainMs) / ms]));
}

function shown(rates: Record<string, number>): string {
  return Object.entries(rates)
    .map(([family, rate]) => `${family} ${rate.toFixed(2)}`)
    .join(', ');
}

for (const [law, costs] of Object.entries(LAWS))
  test(`lookups pay where answers repeat and cost nothing elsewhere, a chain is worth its best member: ${law}`, async (t) => {
    const lookup = await speedups(['lookup'], costs);
    const suffix = await speedups(['lookup', 'past'], costs);
    const model = await speedups(['model'], costs);
    const chain = await speedups(['lookup', 'past', 'model'], costs);
    for (const [name, rates] of Object.entries({ lookup, suffix, model, chain }))
      t.diagnostic(`${law}, ${name}: ${shown(rates)}`);
    for (const family of FAMILIES) {
      assert.ok(lookup[family]! >= (COPIES.includes(family) ? 2 : 0.98), `lookup, ${family}`);
      assert.ok(suffix[family]! >= 0.97 * lookup[family]!, `suffix, ${family}`);
      // One round more or less of the few that a copy takes is 3 %.
      const best = Math.max(suffix[family]!, model[family]!);
      assert.ok(chain[family]! >= 0.95 * best, `chain, ${family}: ${chain[family]} against ${best}`);
    }
    assert.ok(suffix.again! > 1.1 * lookup.again!, 'past outputs pay where answers come again');
    assert.ok(chain.all! > Math.max(suffix.all!, model.all!), 'in all the chain is faster than its members');
  });
