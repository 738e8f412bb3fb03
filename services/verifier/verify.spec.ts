// Verifications that share forwards on a tiny random model: what must wait for its masks is judged by its own rows.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { buildModel } from '#libs/builder/index.js';
import { openEngine } from '#libs/engine/index.js';
import { engineOptions, hostingSchema } from '#libs/hosting/index.js';
import { openModelFolder } from '#libs/models/index.js';
import { deterministicProposal, EMPTY_PROPOSAL, GREEDY } from '#libs/sampling/index.js';
import type { Sequence } from '#libs/speculative/index.js';
import { temporaryFolder } from '../../test/support/temporary-folder.js';
import { TINY, writeTinyHub } from '../../test/support/tiny-checkpoint.js';
import { targetOf, verify } from './verify.js';

const signal = new AbortController().signal;
const ROW_LENGTH = Math.ceil(TINY.vocab_size / 32);
/** Allows the tokens 32 to 63 alone. */
const MASKS = {
  numRows: 1,
  bits: Int32Array.from({ length: ROW_LENGTH }, (_, word) => (word === 1 ? -1 : 0)),
  rowLength: ROW_LENGTH,
};

function sequenceOf(sessionId: string, text: string): Sequence {
  const tokens = [...Buffer.from(text)];
  return { sessionId, tokens, promptLength: tokens.length, sampling: GREEDY };
}

test('a verdict that waits for its masks is the same, whatever forwards ran meanwhile', async (t) => {
  const folder = await temporaryFolder(t);
  const source = writeTinyHub(join(folder, 'hub'));
  const out = join(folder, 'model');
  await buildModel({ source, out, name: 'tiny', license: 'MIT' });
  const options = engineOptions(await openModelFolder(out), hostingSchema.parse({}), {
    threads: 1,
    exact: true,
  });
  const target = targetOf(await openEngine({ ...options, batching: true }));
  t.after(() => target.release());
  const prompt = 'a masked prompt';
  const atOnce = await verify(
    target,
    sequenceOf('at once', prompt),
    EMPTY_PROPOSAL,
    signal,
    { logprobs: 2 },
    Promise.resolve(MASKS),
  );
  assert.ok(atOnce.verdict.finalToken >= 32 && atOnce.verdict.finalToken < 64);

  let arrive = (_masks: typeof MASKS) => {};
  const late = new Promise<typeof MASKS>((resolve) => (arrive = resolve));
  const waiting = verify(target, sequenceOf('late', prompt), EMPTY_PROPOSAL, signal, { logprobs: 2 }, late);
  const drafted = deterministicProposal([1, 2, 3]);
  for (const session of ['b', 'c']) {
    const { verdict } = await verify(target, sequenceOf(session, `another, ${session}`), drafted, signal);
    assert.ok(verdict.acceptedCount <= 3);
  }
  arrive(MASKS);
  const { verdict, logprobs } = await waiting;
  assert.deepEqual({ verdict, logprobs }, { verdict: atOnce.verdict, logprobs: atOnce.logprobs });

  const failed = verify(
    target,
    sequenceOf('d', prompt),
    EMPTY_PROPOSAL,
    signal,
    {},
    Promise.reject(new Error('no mask')),
  );
  const beside = verify(target, sequenceOf('e', prompt), EMPTY_PROPOSAL, signal);
  await assert.rejects(failed, /no mask/);
  assert.equal((await beside).verdict.acceptedCount, 0);
});
