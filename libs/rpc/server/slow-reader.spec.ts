import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AppError } from '#libs/errors/index.js';
import { VerifierClient } from '../client/verifier-client.js';
import { GENERATE_REQUEST, idleSignal, poolFor, responseOf, serveVerifier } from '../testing.js';

/** A message of a few hundred bytes: a window of HTTP/2 holds some hundred of them. */
const LARGE = responseOf(Array.from({ length: 250 }, (_, i) => 100_000 + i));
/** 64 KB of window and 16 messages on either side are 100 such; a margin for how they are packed. */
const MOST_AHEAD = 400;

test('a caller that reads nothing holds the handler back, and loses its call in the end; others go on', async (t) => {
  let made = 0;
  let reason: unknown;
  let ended: () => void = () => {};
  const isOver = new Promise<void>((resolve) => (ended = resolve));
  const { endpoint } = await serveVerifier(
    t,
    async function* ({ requestId }, { signal }) {
      if (requestId !== 'slow') return yield { ...responseOf([1]), finishReason: 'stop' as const };
      try {
        for (;;) {
          made++;
          yield LARGE;
        }
      } finally {
        reason = signal.reason;
        ended();
      }
    },
    { slowReaderMs: 300 },
  );
  const client = new VerifierClient(endpoint, poolFor(t));
  const slow = client.generate({ ...GENERATE_REQUEST, requestId: 'slow' }, { signal: idleSignal() });
  await slow.next();
  for await (const { tokens } of client.generate(GENERATE_REQUEST, { signal: idleSignal() }))
    assert.deepEqual(tokens, [1]);
  await isOver;
  assert.equal((reason as AppError).code, 'cancelled');
  assert.ok(made < MOST_AHEAD, `${made} messages were made for it`);
  // It reads on: what was under way, then the reason.
  await assert.rejects(async () => {
    for await (const _ of slow);
  });
});
