// What the coupled mode promises: the tokens are a function of seed, prompt and parameters alone. Controls: the other modes
// and noise that knows the round do not keep it.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type SamplingParams, type VerificationRule, verifyProposal } from '#libs/sampling/index.js';
import { ConstantGamma, HeuristicGamma } from '#libs/speculative/index.js';
import { keysByRound } from './coupled-controls.js';
import { drafts, generate, NUM_TOKENS } from './seeded-run.js';

const SEEDS = [0n, 7n, 2n ** 64n - 1n];

const PARAMS: Record<string, Partial<SamplingParams>> = {
  plain: {},
  'a temperature and top-p': { temperature: 0.8, topP: 0.9 },
  'top-k': { topK: 3, temperature: 1.5 },
  'penalties and bad words': { frequencyPenalty: 0.7, repetitionPenalty: 1.3, badWords: [[1, 2], [4]] },
};

for (const [name, params] of Object.entries(PARAMS))
  test(`coupled, ${name}: the same tokens with every draft and gamma, and resumed at any point`, async () => {
    for (const seed of SEEDS) {
      const plain = await generate({ seed, params });
      assert.equal(plain.length, NUM_TOKENS);
      for (const [draft, proposer] of Object.entries(drafts({ seed, params }))) {
        for (let gamma = 1; gamma <= 8; gamma++) {
          const tokens = await generate({ seed, params, proposer, gamma: new ConstantGamma(gamma) });
          assert.deepEqual(tokens, plain, `${draft}, gamma ${gamma}`);
        }
        const doubtful = new HeuristicGamma({ minConfidence: 0.4 });
        assert.deepEqual(
          await generate({ seed, params, proposer, gamma: doubtful }),
          plain,
          `${draft}, doubt`,
        );
        for (const resumeAt of [1, 2, 17, 40, 59])
          assert.deepEqual(
            await generate({ seed, params, proposer, resumeAt }),
            plain,
            `${draft}, ${resumeAt}`,
          );
      }
    }
  });

test('coupled: another seed gives other tokens', async () => {
  assert.notDeepEqual(await generate({ seed: 1n }), await generate({ seed: 2n }));
});

test('controls: ratio, block and noise that knows the round give other tokens with another gamma', async () => {
  for (const mistake of [
    { verification: 'ratio' as const },
    { verification: 'block' as const },
    { rule: keysByRound },
  ]) {
    const setting = { seed: 7n, ...mistake };
    const proposer = drafts(setting).close;
    const plain = await generate(setting);
    assert.deepEqual(await generate(setting), plain, 'repeatable without a draft all the same');
    assert.notDeepEqual(await generate({ ...setting, proposer, gamma: new ConstantGamma(3) }), plain);
  }
});

test('control: a zero-draft round that draws by another rule gives other tokens', async () => {
  const proposer = drafts({ seed: 7n }).close;
  const rule: VerificationRule = (input) => {
    const verification = input.proposal.tokens.length === 0 ? 'ratio' : 'coupled';
    return verifyProposal({ ...input, sampling: { ...input.sampling, verification } });
  };
  assert.notDeepEqual(await generate({ seed: 7n, rule, proposer }), await generate({ seed: 7n, rule }));
});
