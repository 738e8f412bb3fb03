// Many sessions at one draft, with and without work ahead: what each is told is what it would be told alone.
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
const never = new AbortController().signal;
const SAMPLED: SamplingParams = { ...GREEDY, temperature: 1, seed: 5n };
const LAWS: Record<string, SamplingParams> = {
  greedy: GREEDY,
  ratio: SAMPLED,
  'ratio with penalties': { ...SAMPLED, presencePenalty: 0.5, repetitionPenalty: 1.3 },
  coupled: { ...SAMPLED, verification: 'coupled' },
  'a deterministic draft': { ...SAMPLED, draftMode: 'deterministic' },
};

function open(options: ToyEngineOptions = {}) {
  const engine = new ToyEngine({ vocabSize: VOCABULARY, ...options });
  const drafting = new Drafting(engine, new Head(undefined, VOCABULARY));
  return { engine, drafting, stream: () => new DraftStream(drafting) };
}

function callOf(tokens: readonly number[], call: Partial<ProposeCall> = {}): ProposeCall {
  return {
    sessionId: 's',
    prefixLength: 0,
    tokens,
    promptLength: 2,
    maxTokens: 4,
    minConfidence: 0,
    sampling: SAMPLED,
    ...call,
  };
}

/** What one who is asked for nothing else, and never works ahead, drafts. */
async function alone(committed: readonly number[], call: ProposeCall) {
  const tokens = [...committed];
  const nextLogits = async () => toyLogits(tokens, VOCABULARY);
  return draftTokens({ ...call, tokens, head: WHOLE_HEAD, nextLogits }, never);
}

for (const [law, sampling] of Object.entries(LAWS))
  test(`work ahead changes no answer: ${law}`, async () => {
    const { stream: newStream, engine } = open();
    const stream = newStream();
    let committed = [1, 2];
    let prefixLength = 0;
    let ahead = 0;
    for (let round = 0; round < 150; round++) {
      const plan = { maxTokens: 1 + (round % 5), minReach: round % 3 === 0 ? 0.02 : 0 };
      const call = callOf(committed.slice(prefixLength), { ...plan, sampling, prefixLength });
      const { proposal, confidences, draftedAhead } = await stream.propose(call, never);
      assert.deepEqual({ proposal, confidences }, await alone(committed, call));
      ahead += draftedAhead;
      stream.workAhead(1 + (round % 4));
      // Sometimes it finishes, sometimes it is interrupted in the middle of a step.
      const goal = engine.forwards.length + (round % 7);
      for (let i = 0; i < 40 && engine.forwards.length < goal; i++) await nextTurn();
      // Mostly as the draft assumes, or else the target rejects the last token, or wants another bonus token.
      const tokens = [...committed, ...proposal.tokens];
      const guess = await alone(tokens, callOf([], { maxTokens: 1, sampling: assumed(sampling) }));
      prefixLength = committed.length;
      if (round % 6 === 1) tokens.pop();
      committed = [...tokens, round % 6 < 2 ? round % VOCABULARY : guess.proposal.tokens[0]!];
    }
    await stream.close();
    assert.ok(ahead > 60, `only ${ahead} tokens were drafted ahead`);
  });

function assumed(sampling: SamplingParams): SamplingParams {
  return sampling.verification === 'coupled' ? sampling : { ...sampling, draftMode: 'deterministic' };
}

test('parameters that change, and a prompt of another length, are not answered from work ahead', async () => {
  for (const change of [{ sampling: { ...SAMPLED, seed: 6n } }, { promptLength: 1 }]) {
    const { stream: newStream, engine } = open();
    const stream = newStream();
    const { proposal } = await stream.propose(callOf([1, 2], { sampling: GREEDY }), never);
    const numForwards = engine.forwards.length;
    stream.workAhead(3);
    await until('the work ahead is done', async () => engine.forwards.length === numForwards + 4);
    const guess = await alone([1, 2, ...proposal.tokens], callOf([], { maxTokens: 1, sampling: GREEDY }));
    const tokens = [...proposal.tokens, ...guess.proposal.tokens];
    const call = callOf(tokens, { prefixLength: 2, sampling: GREEDY, ...change });
    assert.equal((await stream.propose(call, never)).draftedAhead, 0);
    await stream.close();
  }
});

test('a session with a long prompt, or a long draft, does not hold up the others', async () => {
  const { stream, engine } = open();
  const prompt = Array.from({ length: 5 * PROMPT_STEP }, (_, i) => i % VOCABULARY);
  const done: string[] = [];
  const ask = async (sessionId: string, tokens: readonly number[], maxTokens: number) => {
    await stream().propose(callOf(tokens, { sessionId, maxTokens }), never);
    done.push(sessionId);
  };
  await Promise.all([ask('prompt', prompt, 1), ask('draft', [1, 2], 16), ask('short', [3, 4], 2)]);
  assert.deepEqual(done, ['short', 'prompt', 'draft']);
  assert.ok(engine.forwards.every((tokens) => tokens.length <= PROMPT_STEP));
});

test('a session that is cancelled leaves at once, and one that waits behind it is served', async () => {
  let release = () => {};
  const held = new Promise<void>((resolve) => (release = resolve));
  const { stream, engine } = open({ beforeForward: () => held });
  const leaving = new AbortController();
  const other = stream().propose(callOf([1, 2], { sessionId: 'other' }), never);
  const cancelled = stream().propose(callOf([3, 4], { sessionId: 'cancelled' }), leaving.signal);
  await nextTurn();
  leaving.abort(new Error('gone'));
  await assert.rejects(cancelled, /gone/);
  release();
  assert.equal((await other).proposal.tokens.length, 4);
  assert.ok(engine.forwards.every((tokens) => tokens.join() !== '3,4'));
});

test('work ahead is bounded, gives way to those who ask, and ends with its stream', async () => {
  const { stream: newStream, engine } = open();
  const stream = newStream();
  await stream.propose(callOf([1, 2]), never);
  const before = engine.forwards.length;
  stream.workAhead(3);
  const asked = await newStream().propose(callOf([3, 4], { sessionId: 'b', maxTokens: 6 }), never);
  assert.equal(asked.proposal.tokens.length, 6);
  assert.equal(engine.forwards.length, before + 6, 'nothing was done ahead while another was waiting');
  await until('the work ahead is done', async () => engine.forwards.length === before + 6 + 4);
  for (let i = 0; i < 20; i++) await nextTurn();
  assert.equal(engine.forwards.length, before + 6 + 4);

  await stream.propose(callOf([1, 2, 3]), never);
  stream.workAhead(100);
  const running = engine.forwards.length;
  await until('it works ahead', async () => engine.forwards.length > running);
  await stream.close();
  const atTheEnd = engine.forwards.length;
  for (let i = 0; i < 20; i++) await nextTurn();
  assert.equal(engine.forwards.length, atTheEnd);
});

test('work ahead stops where its slot has gone to another', async () => {
  const { stream: newStream, engine } = open({ maxTokens: 256 });
  const stream = newStream();
  const { proposal } = await stream.propose(callOf([1, 2]), never);
  stream.workAhead(50);
  await newStream().propose(callOf([3, 4], { sessionId: 'b' }), never);
  const after = engine.forwards.length;
  for (let i = 0; i < 20; i++) await nextTurn();
  assert.equal(engine.forwards.length, after);
  const call = callOf([...proposal.tokens, 7], { prefixLength: 2 });
  const answer = await stream.propose(call, never);
  assert.deepEqual(answer.proposal, (await alone([1, 2, ...proposal.tokens, 7], call)).proposal);
});

test('more sessions than there is room for are served one after the other, and none sees tokens of another', async () => {
  const { stream, engine } = open({ maxTokens: 2 * 256 });
  const prefix = Array.from({ length: 40 }, (_, i) => i % 5);
  const sessions = Array.from({ length: 6 }, (_, i) => ({
    stream: stream(),
    sessionId: `s${i}`,
    start: [...prefix, i],
  }));
  const run = async ({ stream, sessionId, start }: (typeof sessions)[number]) => {
    let tokens: readonly number[] = start;
    for (let round = 0; round < 4; round++) {
      const call = callOf(tokens, { sessionId });
      const { proposal, confidences } = await stream.propose(call, never);
      assert.deepEqual({ proposal, confidences }, await alone(tokens, call));
      assert.ok(engine.slots.bytes <= 2 * 256 * 8);
      stream.workAhead(2);
      tokens = [...tokens, ...proposal.tokens, round];
    }
    await stream.close();
  };
  await Promise.all(sessions.map(run));
});

test('a sequence that alone is too long is refused, also while others work', async () => {
  const { stream } = open({ maxTokens: 256 });
  const tooLong = Array.from({ length: 300 }, () => 1);
  const other = stream().propose(callOf([1, 2], { sessionId: 'other' }), never);
  await assert.rejects(stream().propose(callOf(tooLong), never), { code: 'resource_exhausted' });
  await other;
});

test('two streams that name one session are both told the truth', async () => {
  const { stream } = open();
  const starts = [
    [1, 2],
    [1, 3, 5],
  ];
  const answers = await Promise.all(starts.map((tokens) => stream().propose(callOf(tokens), never)));
  for (const [i, { proposal }] of answers.entries())
    assert.deepEqual(proposal, (await alone(starts[i]!, callOf(starts[i]!))).proposal);
});

test('a prefix that the stream was never told is session_lost', async () => {
  const { stream } = open();
  await assert.rejects(stream().propose(callOf([3], { prefixLength: 2 }), never), { code: 'session_lost' });
});
