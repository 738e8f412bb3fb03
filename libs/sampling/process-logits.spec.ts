import assert from 'node:assert/strict';
import { test } from 'node:test';
import { History } from './history.js';
import { FORBIDDEN } from './logits.js';
import { GREEDY, type SamplingParams } from './params.js';
import { changesLogits, NothingAllowedError, processLogits } from './process-logits.js';
import { toDistribution } from './processors.js';

const history = new History([0, 1, 1, 2, 2, 2], 2);
const row = () => Float32Array.of(4, -4, 2, 0.5);
const process = (params: Partial<SamplingParams>, options = {}) =>
  processLogits(row(), { ...GREEDY, ...params }, history, options);

test('frequency and presence penalties count generated tokens only', () => {
  assert.deepEqual(process({ frequencyPenalty: 0.5 }), Float32Array.of(4, -4.5, 0.5, 0.5));
  assert.deepEqual(process({ presencePenalty: -2 }), Float32Array.of(4, -2, 4, 0.5));
});

test('the repetition penalty also counts the prompt and lowers either sign', () => {
  assert.deepEqual(process({ repetitionPenalty: 2 }), Float32Array.of(2, -8, 1, 0.5));
});

test('bias comes first, then repetition, then presence and frequency', () => {
  const logitBias = new Map([[1, 6]]);
  const params = { logitBias, repetitionPenalty: 2, presencePenalty: 1, frequencyPenalty: 0.25 };
  assert.deepEqual(process(params), Float32Array.of(2, -0.25, -0.75, 0.5));
});

test('allowed and banned tokens, and stop tokens while too few were generated, are forbidden', () => {
  const x = FORBIDDEN;
  assert.deepEqual(process({ allowedTokenIds: [3, 0, 3] }), Float32Array.of(4, x, x, 0.5));
  assert.deepEqual(process({ bannedTokenIds: [0], allowedTokenIds: [0, 1] }), Float32Array.of(x, -4, x, x));
  assert.deepEqual(process({ minTokens: 5, stopTokenIds: [2] }), Float32Array.of(4, -4, x, 0.5));
  assert.deepEqual(process({ minTokens: 4, stopTokenIds: [2] }), row());
});

test('the last token of a bad word is forbidden exactly where the word would be completed', () => {
  const x = FORBIDDEN;
  assert.deepEqual(process({ badWords: [[0]] }), Float32Array.of(x, -4, 2, 0.5));
  assert.deepEqual(
    process({ badWords: [[2, 2, 0], [1, 2, 1], [0, 1, 1, 2, 2, 2, 3], [9, 0, 1, 1, 2, 2, 2, 2], []] }),
    Float32Array.of(x, -4, 2, x),
  );
});

test('a forbidden token stays forbidden under any bias, penalty and temperature', () => {
  const params: SamplingParams = {
    ...GREEDY,
    temperature: Number.MAX_VALUE,
    logitBias: new Map([[0, 100]]),
    repetitionPenalty: 1e-30,
    presencePenalty: -2,
    bannedTokenIds: [0, 2],
  };
  for (const topK of [0, 3]) {
    const law = toDistribution(processLogits(row(), params, history), { ...params, topK });
    assert.deepEqual([law.ids, law.weights], [Uint32Array.of(1, 3), Float64Array.of(1, 1)]);
  }
});

test('a huge penalty leaves logits finite and allowed', () => {
  for (const repetitionPenalty of [1e-300, Number.MAX_VALUE]) {
    const values = process({ repetitionPenalty });
    assert.ok(values.every((value) => Number.isFinite(value) && value !== FORBIDDEN));
  }
});

test('forbidding everything is an error', () => {
  assert.throws(() => process({ allowedTokenIds: [] }), NothingAllowedError);
  assert.throws(() => process({ allowedTokenIds: [1, 7], bannedTokenIds: [1] }), {
    name: 'NothingAllowedError',
    message: 'The sampling parameters forbid every token at position 6; allow at least one.',
  });
});

test('a row is itself where nothing applies, else a copy, in the scratch if there is one', () => {
  const logits = row();
  const scratch = new Float32Array(9);
  const at = (params: Partial<SamplingParams>) =>
    processLogits(logits, { ...GREEDY, ...params }, history, { scratch });
  for (const params of [
    {},
    { frequencyPenalty: 0, repetitionPenalty: 1, logitBias: new Map(), badWords: [], minP: 0.5 },
    { minTokens: 4, stopTokenIds: [2] },
    { badWords: [[3, 1]] },
    { logitBias: new Map([[900, 5]]), bannedTokenIds: [-1, 4, 0.5] },
  ])
    assert.equal(at(params), logits);
  const changed = at({ presencePenalty: 1 });
  assert.equal(changed.buffer, scratch.buffer);
  assert.equal(changed.length, 4);
  assert.deepEqual(logits, row());
});

test('only params that can change a row ask for a history', () => {
  assert.equal(changesLogits({ ...GREEDY, minP: 0.1, typicalP: 0.5, minTokens: 3 }), false);
  assert.equal(changesLogits({ ...GREEDY, minTokens: 3, stopTokenIds: [1] }), true);
  assert.equal(changesLogits({ ...GREEDY, presencePenalty: 0.1 }), true);
});

test('a reduced head is processed in its own rows; tokens that it lacks are ignored', () => {
  const tokenIds = [2, 7, 1, 9];
  const rowOf = (token: number) => tokenIds.indexOf(token);
  const values = process({ repetitionPenalty: 2, bannedTokenIds: [9, 0], frequencyPenalty: 1 }, { rowOf });
  assert.deepEqual(values, Float32Array.of(-1, -4, 0, FORBIDDEN));
  assert.deepEqual(
    process({ allowedTokenIds: [0, 7] }, { rowOf }),
    Float32Array.of(FORBIDDEN, -4, FORBIDDEN, FORBIDDEN),
  );
  assert.throws(() => process({ allowedTokenIds: [0] }, { rowOf }), NothingAllowedError);
});

test('a broken row stays broken, so that it is refused', () => {
  const broken = Float32Array.of(1, Number.NaN, Number.POSITIVE_INFINITY);
  for (const params of [
    { allowedTokenIds: [0] },
    { bannedTokenIds: [1, 2] },
    { repetitionPenalty: 2 },
    { logitBias: new Map([[1, 1]]) },
  ]) {
    const values = processLogits(broken, { ...GREEDY, ...params }, history);
    assert.throws(() => toDistribution(values, { ...GREEDY, temperature: 1 }), /every logit must be finite/);
  }
});

test('a mask forbids what it lacks, together with everything else that forbids', () => {
  const row = Float32Array.from({ length: 40 }, (_, i) => i);
  const allowedMask = Int32Array.of((1 << 3) | (1 << 31), 1 << 1);
  const history = new History([0], 1);
  const kept = (params: SamplingParams) =>
    Array.from(processLogits(row, params, history, { allowedMask }).keys()).filter(
      (i) => processLogits(row, params, history, { allowedMask })[i]! > -3e38,
    );
  assert.deepEqual(kept(GREEDY), [3, 31, 33]);
  assert.deepEqual(kept({ ...GREEDY, bannedTokenIds: [3], allowedTokenIds: [3, 33, 5] }), [33]);
  const nothing = { ...GREEDY, allowedTokenIds: [4] };
  assert.throws(() => processLogits(row, nothing, history, { allowedMask }), /The grammar and the sampling/);
  const short = processLogits(row, GREEDY, history, { allowedMask: Int32Array.of(-1) });
  assert.equal(short[31], 31);
  assert.ok(short[32]! < -3e38);
  const broken = Float32Array.of(1, Number.NaN);
  assert.ok(Number.isNaN(processLogits(broken, GREEDY, history, { allowedMask })[1]));
});
