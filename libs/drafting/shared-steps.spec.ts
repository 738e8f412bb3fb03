// Streams of many sessions over one engine whose graph has several slots: they step together, and are told what each would
// be told alone. No clocks: what is asserted is which forwards ran, in which order, and who was in them.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { GREEDY, type SamplingParams } from '#libs/sampling/index.js';
import { draftTokens, WHOLE_HEAD } from '#libs/speculative/index.js';
import { ToyEngine, type ToyEngineOptions, toyLogits } from '../../test/support/toy-engine.js';
import { until } from '../../test/support/until.js';
import { DraftStream, type ProposeCall } from './draft-stream.js';
import { Drafting, PROMPT_STEP } from './drafting.js';
import { Head } from './head.js';

const VOCABULARY = 8;
const live = new AbortController().signal;
const SAMPLED: SamplingParams = { ...GREEDY, temperature: 1, seed: 5n };

function open(options: ToyEngineOptions = {}) {
  const engine = new ToyEngine({ vocabSize: VOCABULARY, numSlots: 4, ...options });
  const drafting = new Drafting(engine, new Head(undefined, VOCABULARY));
  return { engine, stream: () => new DraftStream(drafting) };
}

function callOf(sessionId: string, tokens: readonly number[], call: Partial<ProposeCall> = {}): ProposeCall {
  const plan = { promptLength: 2, maxTokens: 4, minConfidence: 0 };
  return { sessionId, prefixLength: 0, tokens, sampling: SAMPLED, ...plan, ...call };
}

async function alone(tokens: readonly number[], call: ProposeCall) {
  const sequence = [...tokens];
  const nextLogits = async () => toyLogits(sequence, VOCABULARY);
  const { proposal } = await draftTokens({ ...call, tokens: sequence, head: WHOLE_HEAD, nextLogits }, live);
  return proposal;
}

const promptOf = (length: number) => Array.from({ length }, (_, i) => i % VOCABULARY);

test('streams that draft at one time share their forwards', async () => {
  const { engine, stream } = open();
  const calls = [1, 2, 3, 4].map((i) => callOf(`s${i}`, [i, 0], { maxTokens: 6 }));
  const answers = await Promise.all(calls.map((call) => stream().propose(call, live)));
  assert.deepEqual(engine.shared, [4, 4, 4, 4, 4, 4]);
  for (const [i, { proposal }] of answers.entries())
    assert.deepEqual(proposal, await alone(calls[i]!.tokens, calls[i]!));
});

test('more streams than slots take turns, and none is left behind', async () => {
  const { engine, stream } = open();
  const calls = [1, 2, 3, 4, 5, 6].map((i) => callOf(`s${i}`, [i, 0], { maxTokens: 4 }));
  const ends: number[] = [];
  await Promise.all(
    calls.map(async (call) => {
      await stream().propose(call, live);
      ends.push(engine.shared.length);
    }),
  );
  assert.deepEqual(engine.shared, [4, 4, 4, 4, 4, 4]);
  assert.deepEqual(ends, [5, 5, 6, 6, 6, 6]);
});

test('who wants few tokens leaves early, and who comes late joins the next forward', async () => {
  const { engine, stream } = open({
    beforeForward: async () => {
      if (engine.shared.length === 2) late ??= stream().propose(callOf('late', [5, 5]), live);
    },
  });
  let late: Promise<unknown> | undefined;
  await Promise.all([
    stream().propose(callOf('long', [1, 2], { maxTokens: 6 }), live),
    stream().propose(callOf('short', [3, 4], { maxTokens: 2 }), live),
  ]);
  await late;
  assert.deepEqual(engine.shared, [2, 2, 1, 2, 2, 2, 1]);
});

test('a long prompt is read beside the steps of others, which are in every forward', async () => {
  const { engine, stream } = open();
  const prompt = promptOf(4 * PROMPT_STEP);
  const calls = [callOf('prompt', prompt, { maxTokens: 1 })];
  for (const i of [1, 2]) calls.push(callOf(`s${i}`, [i, 0], { maxTokens: 3 }));
  const answers = await Promise.all(calls.map((call) => stream().propose(call, live)));
  const lengths = engine.forwards.map(({ length }) => length);
  // The others' two tokens each at first, then one; the prompt has what is left of a forward.
  assert.deepEqual(lengths, [2, 2, 60, 1, 1, 62, 1, 1, 62, 64, 8]);
  assert.deepEqual(engine.shared, [3, 3, 3, 1, 1]);
  for (const [i, { proposal }] of answers.entries())
    assert.deepEqual(proposal, await alone(calls[i]!.tokens, calls[i]!));
});

test('a stream that is cancelled leaves the others at once, in the middle of its prompt too', async () => {
  const leaving = new AbortController();
  const { engine, stream } = open({
    beforeForward: async () => {
      if (engine.shared.length === 2) leaving.abort(new Error('gone'));
    },
  });
  const call = callOf('stays', [1, 2], { maxTokens: 6 });
  const stays = stream().propose(call, live);
  const cancelled = [
    stream().propose(callOf('prompt', promptOf(20 * PROMPT_STEP)), leaving.signal),
    stream().propose(callOf('steps', [3, 4], { maxTokens: 9 }), leaving.signal),
  ];
  for (const each of cancelled) await assert.rejects(each, /gone/);
  assert.deepEqual((await stays).proposal, await alone([1, 2], call));
  assert.deepEqual(engine.shared, [3, 3, 3, 1, 1, 1]);
  const again = callOf('prompt', promptOf(3), { maxTokens: 2 });
  assert.deepEqual((await stream().propose(again, live)).proposal, await alone(again.tokens, again));
});

test('with room for two sequences only, two at a time share, and each is told the truth', async () => {
  const { engine, stream } = open({ maxTokens: 2 * 256 });
  const calls = Array.from({ length: 5 }, (_, i) => callOf(`s${i}`, [i, i, 1], { maxTokens: 3 }));
  const answers = await Promise.all(calls.map((call) => stream().propose(call, live)));
  assert.ok(engine.shared.every((sessions) => sessions <= 2));
  assert.ok(engine.shared.filter((sessions) => sessions === 2).length >= 6);
  for (const [i, { proposal }] of answers.entries())
    assert.deepEqual(proposal, await alone(calls[i]!.tokens, calls[i]!));
});

test('of streams with one prompt the first reads it, and the others take its rows', async () => {
  const { engine, stream } = open();
  const prompt = promptOf(100);
  const answers = await Promise.all(
    ['a', 'b', 'c'].map((key, i) => stream().propose(callOf(key, [...prompt, i], { maxTokens: 2 }), live)),
  );
  const read = engine.forwards.reduce((sum, { length }) => sum + length, 0);
  assert.ok(read < 130, `${read} tokens were read`);
  for (const [i, { proposal }] of answers.entries())
    assert.deepEqual(proposal, await alone([...prompt, i], callOf('x', [], { maxTokens: 2 })));
});

test('many streams work ahead together, and give way together', async () => {
  const { engine, stream } = open();
  const streams = [1, 2, 3].map((i) => ({ i, each: stream() }));
  await Promise.all(streams.map(({ i, each }) => each.propose(callOf(`s${i}`, [i, 0]), live)));
  const before = engine.shared.length;
  for (const { each } of streams) each.workAhead(3);
  await until('the work ahead is done', async () => engine.shared.length === before + 4);
  assert.deepEqual(engine.shared.slice(before), [3, 3, 3, 3]);

  for (const { each } of streams) await each.close();
  await Promise.all(streams.map(({ i, each }) => each.propose(callOf(`s${i}`, [i, 0, 1]), live)));
  const running = engine.shared.length;
  for (const { each } of streams) each.workAhead(50);
  await until('they work ahead', async () => engine.shared.length > running);
  const asked = stream().propose(callOf('asked', [7, 7], { maxTokens: 5 }), live);
  await asked;
  const inFront = engine.shared.slice(running + 1);
  assert.ok(inFront.filter((sessions) => sessions === 1).length >= 5, inFront.join());
  for (const { each } of streams) await each.close();
  const atTheEnd = engine.shared.length;
  for (let i = 0; i < 20; i++) await nextTurn();
  assert.equal(engine.shared.length, atTheEnd);
});
