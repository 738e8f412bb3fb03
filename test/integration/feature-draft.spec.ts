// A draft that reads the target's features through the real round loop and real connections, on tiny random graphs: the text
// is always the target's, and what the draft reads round by round is what one undisturbed pass over the text gives.
import assert from 'node:assert/strict';
import { after, before, type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Engine } from '#libs/engine/index.js';
import { ChannelPool, DraftClient } from '#libs/rpc/index.js';
import { validateProposal } from '#libs/sampling/index.js';
import type { FeatureRows } from '#libs/speculative/index.js';
import type { GenerateCall } from '../../services/verifier/generate.js';
import {
  callOf,
  FEATURES,
  FeaturePair,
  type Generated,
  generated,
  type ServedDraft,
} from '../support/feature-pair.js';
import { type WatchedForward, watched } from '../support/watched-forwards.js';

const { width } = FEATURES;
/** Three tokens to choose from: each draft is right now and then. */
const SAMPLING = { temperature: 0, topK: 0, topP: 1, seed: 0n, allowedTokenIds: [97, 120, 214] };
const PLAIN = { enabled: false, numSpeculativeTokens: 0, method: '' };
/** Longer than the cool-down behind a draft's first failure. */
const COOLED_MS = 1_100;

let pair: FeaturePair;
let text: readonly number[];

before(async () => {
  pair = await FeaturePair.open();
  text = (await generate({ speculation: PLAIN })).tokens;
});
after(() => pair.close());

async function generate(
  changes: Partial<GenerateCall>,
  onRound?: (soFar: Generated) => Promise<void> | void,
) {
  const verifier = pair.verifier();
  try {
    return await generated(verifier, callOf({ sampling: SAMPLING, ...changes }), onRound);
  } finally {
    await verifier.close();
  }
}

async function serve(t: TestContext, engine: Engine, port?: number): Promise<ServedDraft> {
  const served = await pair.serve(engine, port);
  t.after(() => served.server.close());
  return served;
}

/** What the tokens at these positions read: the features of the positions before. */
function read(features: Uint16Array, start: number, end: number): Uint16Array {
  const rows = new Uint16Array((end - start) * width);
  const skipped = start === 0 ? 1 : 0;
  rows.set(features.subarray((start + skipped - 1) * width, (end - 1) * width), skipped * width);
  return rows;
}

function assertNear(actual: Float32Array, expected: Float32Array): void {
  for (const [i, value] of expected.entries())
    assert.ok(Math.abs(actual[i]! - value) < 1e-3, `logit ${i} is ${actual[i]} instead of ${value}`);
}

/** Rows of features that were there. */
function numRead(forwards: readonly WatchedForward[]): number {
  let count = 0;
  for (const { tokens, features } of forwards)
    for (let i = 0; features !== undefined && i < tokens.length; i++)
      if (features.subarray(i * width, (i + 1) * width).some((bits) => bits !== 0)) count++;
  return count;
}

test('the text is the same with a feature draft, with the stand-alone one, and with both', async (t) => {
  const [reading, alone] = [await pair.openDraft(), await pair.openDraft(false)];
  const forwards = watched(reading);
  const endpoints = [(await serve(t, reading)).endpoint, (await serve(t, alone)).endpoint];
  for (const draftEndpoints of [[endpoints[0]!], [endpoints[1]!], endpoints, [...endpoints].reverse()]) {
    const { tokens, accepted, drafted, failures } = await generate({ draftEndpoints });
    assert.deepEqual([tokens, failures], [text, []]);
    assert.ok(accepted > 0 && drafted > 0);
  }
  assert.ok(numRead(forwards) > 100);
  // As after a verifier's failure: another goes on with what was generated.
  const { tokens: prompt } = callOf();
  const call = {
    tokens: [...prompt, ...text.slice(0, 10)],
    promptLength: prompt.length,
    maxTokens: text.length - 10,
  };
  const rest = await generate({ ...call, draftEndpoints: endpoints.slice(0, 1) });
  assert.deepEqual(rest.tokens, text.slice(10));
});

test('a draft in the thread of the target reads what one behind a connection reads, and changes no token', async (t) => {
  const [near, far] = [await pair.openDraft(), await pair.openDraft()];
  const [nearForwards, farForwards] = [watched(near), watched(far)];
  const verifier = pair.verifier(FEATURES, 2 ** 24, near);
  t.after(() => verifier.close());
  const { endpoint } = await serve(t, far);
  const local = await generated(verifier, callOf({ sampling: SAMPLING, draftEndpoints: [endpoint] }));
  assert.equal(farForwards.length, 0, 'the draft elsewhere was asked');
  const remote = await generate({ draftEndpoints: [endpoint] });
  for (const { tokens, failures } of [local, remote]) assert.deepEqual([tokens, failures], [text, []]);
  assert.ok(local.accepted > 0);
  assert.deepEqual([local.drafted, local.accepted], [remote.drafted, remote.accepted]);
  assert.ok(numRead(nearForwards) > text.length / 2);
  assert.equal(numRead(nearForwards), numRead(farForwards));
});

test('sessions share the forwards of a feature draft: each has its own features, and its own text', async (t) => {
  const engine = await pair.openDraft(true, true);
  assert.ok(engine.batchSlots > 1);
  const forwards = watched(engine);
  const draftEndpoints = [(await serve(t, engine)).endpoint];
  const verifier = pair.verifier();
  t.after(() => verifier.close());
  const calls = Array.from({ length: 6 }, (_, i) => {
    const tokens = [...Buffer.from(`${i} houses stood by the river`)];
    return callOf({ tokens, promptLength: tokens.length, sampling: SAMPLING, draftEndpoints });
  });
  const together = await Promise.all(calls.map((call) => generated(verifier, call)));
  for (const [i, { tokens, drafted }] of together.entries()) {
    assert.deepEqual(tokens, (await generate({ ...calls[i], speculation: PLAIN })).tokens);
    assert.ok(drafted > 0);
  }
  assert.ok(forwards.some(({ jobs }) => jobs > 1));
});

test('a draft that dies and comes back changes no token, and is told all once more', async (t) => {
  const [first, second] = [await pair.openDraft(), await pair.openDraft()];
  const { server, endpoint } = await serve(t, first);
  const forwards = watched(second);
  let failuresBefore: number | undefined;
  let isBack = false;
  const { tokens } = await generate({ draftEndpoints: [endpoint] }, async ({ tokens, failures }) => {
    if (tokens.length > 8 && failuresBefore === undefined) {
      failuresBefore = failures.length;
      await server.close();
    } else if (!isBack && failuresBefore !== undefined && failures.length > failuresBefore) {
      isBack = true;
      await serve(t, second, server.port);
      await sleep(COOLED_MS);
    }
  });
  assert.deepEqual(tokens, text);
  assertToldAll(forwards);
});

test('a draft that dies and is followed by another changes no token, and that one is told all', async (t) => {
  const [first, second] = [await pair.openDraft(), await pair.openDraft()];
  const [{ server, endpoint }, follower] = [await serve(t, first), await serve(t, second)];
  const verifier = pair.verifier();
  t.after(() => verifier.close());
  // From now on the verifier knows what the second one reads.
  await generated(verifier, callOf({ sampling: SAMPLING, draftEndpoints: [follower.endpoint] }));
  const forwards = watched(second);
  const call = callOf({ sampling: SAMPLING, draftEndpoints: [endpoint, follower.endpoint] });
  const { tokens } = await generated(verifier, call, ({ tokens }) =>
    tokens.length > 8 ? server.close() : undefined,
  );
  assert.deepEqual(tokens, text);
  assertToldAll(forwards);
});

/** The first forward reads the whole text so far, and there is a row for all of it but the first position. */
function assertToldAll(forwards: readonly WatchedForward[]): void {
  const [first] = forwards;
  assert.ok(first !== undefined && forwards.length > 4);
  assert.equal(first.start, 0);
  assert.ok(first.tokens.length > callOf().tokens.length + 8);
  assert.equal(numRead([first]), first.tokens.length - 1);
}

test('the target is asked for features where a draft reads them, and by nobody else', async (t) => {
  const [reading, alone] = [
    await serve(t, await pair.openDraft()),
    await serve(t, await pair.openDraft(false)),
  ];
  const verifier = pair.verifier();
  t.after(() => verifier.close());
  const forwards = watched(pair.engine);
  const drafting = async (draftEndpoints: string[], changes: Partial<GenerateCall> = {}) => {
    const before = forwards.length;
    await generated(verifier, callOf({ sampling: SAMPLING, draftEndpoints, ...changes }));
    return new Set(forwards.slice(before).map(({ givesFeatures }) => givesFeatures));
  };
  // Until a draft has said what it reads, a prompt's features are wanted.
  for (const { endpoint } of [reading, alone]) assert.ok((await drafting([endpoint])).has(true));
  assert.deepEqual(await drafting([alone.endpoint]), new Set([false]));
  assert.deepEqual(await drafting([reading.endpoint]), new Set([true]));
  assert.deepEqual(await drafting([alone.endpoint, reading.endpoint]), new Set([true]));
  assert.deepEqual(await drafting([reading.endpoint], { speculation: PLAIN }), new Set([false]));
  assert.deepEqual(await drafting([]), new Set([false]));
});

test('a target that gives none, or others, sends none; so does a verifier that may keep none', async (t) => {
  const engine = await pair.openDraft();
  const forwards = watched(engine);
  const draftEndpoints = [(await serve(t, engine)).endpoint];
  for (const verifier of [
    pair.verifier(null),
    pair.verifier({ ...FEATURES, layers: [0, 1, 1] }),
    pair.verifier(FEATURES, 0),
  ]) {
    const { tokens, drafted, failures } = await generated(
      verifier,
      callOf({ sampling: SAMPLING, draftEndpoints }),
    );
    await verifier.close();
    assert.deepEqual([tokens, failures], [text, []]);
    assert.ok(drafted > 0);
  }
  assert.equal(numRead(forwards), 0);
});

test('what the draft reads and says round by round is what one pass over the text gives', async (t) => {
  const engine = await pair.openDraft();
  const forwards = watched(engine);
  const draftEndpoints = [(await serve(t, engine)).endpoint];
  const call = callOf({ draftEndpoints, sampling: { ...SAMPLING, temperature: 2, seed: 7n }, maxTokens: 60 });
  let isLost = false;
  const onRound = ({ tokens }: Generated) => {
    // Rows are lost in the middle: all is told once more.
    if (tokens.length < 20 || isLost) return;
    isLost = true;
    engine.slots.get(call.slotKey)!.cache.truncate(4);
  };
  const { tokens, accepted, drafted } = await generate(call, onRound);
  assert.ok(accepted > 5 && accepted < drafted - 5);
  const all = [...call.tokens, ...tokens];
  const features = new Uint16Array(all.length * width);
  const { model } = pair.engine;
  await model.advance(model.newCache(), all, 1, undefined, { writes: { features } });
  const fresh = await pair.openDraft();
  const committed = forwards.filter((forward) => forward.features !== undefined);
  assert.ok(
    committed.some(({ start }, i) => i > 0 && start < committed[i - 1]!.start),
    'it was told all once more',
  );
  const states = new Float32Array(fresh.model.sideWidths.states);
  let cache = fresh.model.newCache();
  for (const { start, tokens: fed, own, logits, ...forward } of forwards) {
    const end = start + fed.length;
    const isStep = own !== undefined;
    if (!isStep) {
      assert.deepEqual(fed, all.slice(start, end));
      assert.deepEqual(forward.features, read(features, start, end));
      cache = fresh.model.newCache();
    }
    const reads = isStep ? { own: states } : { features: read(features, 0, end) };
    const again = isStep ? fed : all.slice(0, end);
    const expected = await fresh.model.advance(cache, again, 1, undefined, { reads, writes: { states } });
    assertNear(logits, expected);
  }
});

test('features that lie are refused by name or do no harm, and others are served on', async (t) => {
  const [reading, alone] = [await pair.openDraft(), await pair.openDraft(false)];
  const [served, plain] = [await serve(t, reading), await serve(t, alone)];
  const pool = new ChannelPool();
  t.after(() => pool.close());
  const { signal } = new AbortController();
  const ask = async ({ endpoint }: ServedDraft, features: FeatureRows | undefined) => {
    const client = new DraftClient(endpoint, pool);
    const stream = await client.openStream(signal);
    const tokens = [1, 2, 3, 4];
    const plan = { prefixLength: 0, promptLength: 4, maxTokens: 3, minConfidence: 0 };
    try {
      const sampling = { ...SAMPLING, temperature: 1 };
      return await stream.propose({ round: 1, sessionId: 's', tokens, sampling, features, ...plan }, signal);
    } finally {
      stream.close();
      client.close();
    }
  };
  const rows = (count: number, bits: number, start = 0) => ({
    start,
    values: new Uint16Array(count * width).fill(bits),
  });
  const [ONE, HUGE, NAN, INFINITE] = [0x3c00, 0x7bff, 0x7e00, 0xfc00];
  const invalid = { code: 'invalid_argument' };
  await assert.rejects(ask(served, rows(3, NAN)), {
    ...invalid,
    message: /of position 0 are no finite numbers/,
  });
  await assert.rejects(ask(served, rows(2, INFINITE, 1)), {
    ...invalid,
    message: /of position 1 are no finite/,
  });
  await assert.rejects(ask(served, rows(4, ONE)), { ...invalid, message: /reach position 3 of 4 tokens/ });
  await assert.rejects(ask(served, rows(1, ONE, 4)), { ...invalid, message: /reach position 4 of 4 tokens/ });
  const other = { start: 0, values: new Uint16Array(width + 1) };
  await assert.rejects(ask(served, other), { code: 'failed_precondition', message: /reads 192 of each/ });
  await assert.rejects(ask(plain, rows(3, ONE)), { code: 'failed_precondition', message: /reads 0 of each/ });
  for (const features of [rows(3, HUGE), rows(1, ONE, 2), undefined]) {
    const response = await ask(served, features);
    assert.ok(response.outcome === 'proposal' && response.proposal.tokens.length === 3);
    const limits = { vocabSize: pair.info.vocabSize, maxTokens: 3 };
    assert.equal(validateProposal(response.proposal, limits), undefined);
  }
});
