import assert from 'node:assert/strict';
import { test } from 'node:test';
import { protocol } from '../load.js';
import type { ProposeRequest, ProposeResponse } from '../messages.js';
import { draftServiceHandlers } from '../server/draft-service.js';
import {
  certain,
  deferred,
  idleSignal,
  MODEL_INFO,
  poolFor,
  proposeRequest,
  serve,
  serveDraft,
} from '../testing.js';
import { DraftClient } from './draft-client.js';

const SIGNAL = idleSignal();

function answer(request: ProposeRequest): ProposeResponse {
  return { round: request.round, outcome: 'proposal', proposal: certain(...request.tokens), computeMs: 1 };
}

const LIES: readonly [string, (request: ProposeRequest) => ProposeResponse, RegExp][] = [
  [
    'sends more tokens than asked',
    (q) => ({ ...answer(q), proposal: certain(1, 2, 3, 4, 5) }) as never,
    /tokens/,
  ],
  ['answers a round that was not asked', (q) => ({ ...answer(q), round: 99 }), /round 99/],
];

for (const [lie, respond, message] of LIES)
  test(`a draft that ${lie} fails the round and loses the stream`, async (t) => {
    const { endpoint } = await serveDraft(t, async function* (requests) {
      for await (const request of requests) yield respond(request);
    });
    const stream = await new DraftClient(endpoint, poolFor(t)).openStream(SIGNAL);
    await assert.rejects(stream.propose(proposeRequest(1), SIGNAL), { code: 'internal', message });
    assert.equal(stream.broken?.code, 'internal');
  });

for (const [what, bytes] of [
  ['bytes that are no message', Buffer.from([0x12, 0xff, 0xff, 0x03, 1])],
  ['a message cut short', Buffer.from([0x08, 0x01, 0x12, 0x20, 0x08])],
  ['a message without an outcome', Buffer.from([0x08, 0x01])],
] as const)
  test(`a draft that sends ${what} fails the round and loses the stream`, async (t) => {
    const honest = draftServiceHandlers({
      modelInfo: async () => MODEL_INFO,
      propose: async function* (requests) {
        for await (const request of requests) yield answer(request);
      },
    });
    const { Propose } = protocol().draft;
    const liar = {
      ...honest,
      definition: { ...honest.definition, Propose: { ...Propose, responseSerialize: () => bytes } },
    };
    const { endpoint } = await serve(t, [liar as typeof honest]);
    const stream = await new DraftClient(endpoint, poolFor(t)).openStream(SIGNAL);
    await assert.rejects(stream.propose(proposeRequest(1), SIGNAL), { code: 'internal' });
    assert.notEqual(stream.broken, undefined);
  });

test('a request that is no message is refused and the handler ends', async (t) => {
  const ended = deferred();
  const { endpoint } = await serveDraft(t, async function* (requests) {
    try {
      for await (const request of requests) yield answer(request);
    } finally {
      ended.resolve();
    }
  });
  const pool = poolFor(t);
  const { client } = pool.lease(endpoint).channel.connection;
  const { path, responseDeserialize } = protocol().draft.Propose;
  const call = client.makeBidiStreamRequest(path, (bytes: Buffer) => bytes, responseDeserialize);
  const failed = deferred<Error>();
  call.on('error', failed.resolve).on('data', () => {});
  // Field 4, packed, says 127 bytes and has one.
  call.write(Buffer.from([0x22, 0x7f, 1]));
  assert.match((await failed.promise).message, /INTERNAL|deserializ/);
  await ended.promise;
});
