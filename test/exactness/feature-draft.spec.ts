// A draft that reads features keeps the target's law, through the real round loop, graphs and connections.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { callOf, FeaturePair, generated } from '../support/feature-pair.js';
import { chiSquaredTest } from './chi-squared.js';

const NUM_SEQUENCES = 200;
const LENGTH = 2;
const ALLOWED = [97, 120, 214];
const TEMPERATURE = 3;

/** Probability of each continuation of the prompt, from the target's own logits. */
async function lawOf(
  { engine: { model } }: FeaturePair,
  prompt: readonly number[],
): Promise<Map<string, number>> {
  const law = new Map<string, number>();
  const walk = async (tokens: readonly number[], probability: number) => {
    if (tokens.length === LENGTH) return void law.set(tokens.join(), probability);
    const logits = await model.advance(model.newCache(), [...prompt, ...tokens], 1);
    const weights = ALLOWED.map((token) => Math.exp(logits[token]! / TEMPERATURE));
    const sum = weights.reduce((a, b) => a + b, 0);
    for (const [i, token] of ALLOWED.entries())
      await walk([...tokens, token], (probability * weights[i]!) / sum);
  };
  await walk([], 1);
  return law;
}

test('sampled text follows the law of the target', async (t) => {
  const pair = await FeaturePair.open();
  const { endpoint, server } = await pair.serve(await pair.openDraft());
  const verifier = pair.verifier();
  const counts = new Map<string, number>();
  let [drafted, accepted] = [0, 0];
  const { tokens: prompt } = callOf();
  for (let i = 0; i < NUM_SEQUENCES; i++) {
    const sampling = {
      temperature: TEMPERATURE,
      topK: 0,
      topP: 1,
      seed: BigInt(i),
      allowedTokenIds: ALLOWED,
    };
    const call = callOf({ sampling, draftEndpoints: [endpoint], maxTokens: LENGTH + 2, cacheSalt: 'all' });
    const result = await generated(verifier, call);
    const outcome = result.tokens.slice(0, LENGTH).join();
    counts.set(outcome, (counts.get(outcome) ?? 0) + 1);
    drafted += result.drafted;
    accepted += result.accepted;
  }
  const { statistic, pValue } = chiSquaredTest(counts, await lawOf(pair, prompt));
  t.diagnostic(
    `chi² ${statistic.toFixed(1)}, p ${pValue.toExponential(2)}, ${accepted} of ${drafted} accepted`,
  );
  await server.close();
  await verifier.close();
  await pair.close();
  assert.ok(pValue > 1e-4, `p ${pValue}`);
  assert.ok(accepted > NUM_SEQUENCES / 2 && accepted < drafted);
});
