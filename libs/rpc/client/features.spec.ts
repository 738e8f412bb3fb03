// Which features go with which request: those of the new tokens, all that are kept after a loss or a change of the draft,
// none to a draft that reads none.
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { FeatureMemory, type FeatureRows, FeatureWindow, type Sequence } from '#libs/speculative/index.js';
import { idleSignal, serveDraft } from '../testing.js';
import { Draft, PLAN, sequence, setUp } from './remote-proposer-testing.js';

const SIGNAL = idleSignal();

/** Rows of one number, the position. */
function rows(start: number, end: number): FeatureRows {
  return { start, values: Uint16Array.from({ length: end - start }, (_, i) => start + i) };
}

function windowOf(mostRows = 512): FeatureWindow {
  return new FeatureWindow({ width: 1, memory: new FeatureMemory(1 << 20), isWanted: () => true, mostRows });
}

/** Tokens 0 … length − 1, of which the target has read all but the last. */
function committed(length: number, featureWindow: FeatureWindow): Sequence {
  featureWindow.append(rows(0, length - 1));
  return { ...sequence(...Array.from({ length }, (_, i) => i)), featureWindow };
}

async function serve(t: TestContext) {
  const draft = new Draft();
  const { server, endpoint } = await serveDraft(t, draft.propose);
  return { draft, server, endpoint };
}

function sent({ requests }: Draft) {
  return requests.map(({ prefixLength, tokens, features }) => [prefixLength, tokens.length, features]);
}

test('the rows of the new tokens are sent, all that are kept after session_lost', async (t) => {
  const { draft, endpoint } = await serve(t);
  const { proposer } = setUp(t, [endpoint], { readsFeatures: () => true });
  const window = windowOf(6);
  await proposer.propose(committed(4, window), PLAN, SIGNAL);
  await proposer.propose(committed(7, window), PLAN, SIGNAL);
  draft.held = 0;
  await proposer.propose(committed(9, window), PLAN, SIGNAL);
  assert.deepEqual(sent(draft), [
    [0, 4, rows(0, 3)],
    [4, 3, rows(3, 6)],
    [7, 2, rows(6, 8)],
    [0, 9, rows(2, 8)],
  ]);
});

test('a draft that takes over is sent all that are kept, one that reads none is sent none', async (t) => {
  const [reads, readsNot, takesOver] = [await serve(t), await serve(t), await serve(t)];
  const endpoints = [reads.endpoint, readsNot.endpoint, takesOver.endpoint];
  const readsFeatures = (endpoint: string) => endpoint !== readsNot.endpoint;
  const { proposer } = setUp(t, endpoints, { readsFeatures });
  const window = windowOf();
  await proposer.propose(committed(4, window), PLAN, SIGNAL);
  await reads.server.close();
  await proposer.propose(committed(6, window), PLAN, SIGNAL);
  await readsNot.server.close();
  await proposer.propose(committed(8, window), PLAN, SIGNAL);
  assert.deepEqual(sent(reads.draft), [[0, 4, rows(0, 3)]]);
  assert.deepEqual(sent(readsNot.draft), [[0, 6, undefined]]);
  assert.deepEqual(sent(takesOver.draft), [[0, 8, rows(0, 7)]]);
});

test('a warm-up reads what no features will be sent for, and the whole prompt where none are read', async (t) => {
  const { draft, endpoint } = await serve(t);
  for (const reads of [true, false]) {
    const { proposer } = setUp(t, [endpoint], { readsFeatures: () => reads });
    for (const length of [5, 9]) {
      const featureWindow = windowOf(5);
      const prompt = sequence(...Array.from({ length }, (_, i) => i));
      await proposer.warmUp({ ...prompt, featureWindow }, SIGNAL);
    }
  }
  assert.deepEqual(sent(draft), [
    [0, 4, undefined],
    [0, 5, undefined],
    [5, 4, undefined],
  ]);
});
