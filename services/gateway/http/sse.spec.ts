import assert from 'node:assert/strict';
import { createServer, get, type IncomingMessage, type ServerResponse } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { type TestContext, test } from 'node:test';
import { type SseOptions, SseStream, sseEvent, sseFrame } from './sse.js';

const OPTIONS: SseOptions = { keepAliveMs: 60_000, slowReaderMs: 60_000 };

/** Both ends of one response. */
async function connected(
  t: TestContext,
): Promise<{ sent: ServerResponse; received: Promise<IncomingMessage> }> {
  const server = createServer();
  const sent = new Promise<ServerResponse>((resolve) =>
    server.once('request', (_, response) => resolve(response)),
  );
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  const received = new Promise<IncomingMessage>((resolve) =>
    get({ port, host: '127.0.0.1', agent: false }, resolve),
  );
  return { sent: await sent, received };
}

test('a frame is one data line, whatever the text holds', () => {
  assert.equal(sseFrame({ text: 'a\n\ndata: b' }), 'data: {"text":"a\\n\\ndata: b"}\n\n');
});

test('headers go out before the first frame, and the end frames close the stream', async (t) => {
  const { sent, received } = await connected(t);
  const stream = new SseStream(sent, OPTIONS);
  stream.open({ 'x-request-id': 'r' });
  const response = await received;
  assert.equal(response.headers['content-type'], 'text/event-stream; charset=utf-8');
  assert.equal(response.headers['x-request-id'], 'r');
  await stream.send('data: 1\n\n');
  stream.end('data: 2\n\n');
  assert.equal(Buffer.concat(await response.toArray()).toString(), 'data: 1\n\ndata: 2\n\n');
});

test('a silence is filled with comments', async (t) => {
  const { sent, received } = await connected(t);
  const stream = new SseStream(sent, { ...OPTIONS, keepAliveMs: 1 });
  stream.open({});
  const [first] = await (await received).take(1).toArray();
  assert.match(String(first), /^: keep-alive\n\n/);
  stream.end('');
});

test('a route may fill silences with an event of its own', async (t) => {
  const { sent, received } = await connected(t);
  const keepAliveFrame = sseEvent('ping', { type: 'ping' });
  const stream = new SseStream(sent, { ...OPTIONS, keepAliveMs: 1, keepAliveFrame });
  stream.open({});
  const [first] = await (await received).take(1).toArray();
  assert.ok(String(first).startsWith('event: ping\ndata: {"type":"ping"}\n\n'));
  stream.end('');
});

test('a reader that takes nothing holds the writer back, and loses the stream in the end', async (t) => {
  const { sent, received } = await connected(t);
  const stream = new SseStream(sent, { ...OPTIONS, slowReaderMs: 50 });
  stream.open({});
  (await received).pause();
  const frames = 'x'.repeat(1 << 20);
  await assert.rejects(
    async () => {
      for (let i = 0; i < 1000; i++) await stream.send(frames);
    },
    { code: 'cancelled' },
  );
  assert.equal(sent.destroyed, true);
  stream.end('');
});

test('a client that left is an error of the next frame', async (t) => {
  const { sent, received } = await connected(t);
  const stream = new SseStream(sent, OPTIONS);
  stream.open({});
  const closed = new Promise((resolve) => sent.once('close', resolve));
  (await received).destroy();
  await closed;
  await assert.rejects(stream.send('data: 1\n\n'), { code: 'cancelled' });
  stream.end('');
});

test('over HTTP/1.1 each write is one chunk and the last one ends the answer; HTTP/1.0 knows no chunks', async (t) => {
  const server = createServer((_, response) => {
    const stream = new SseStream(response, OPTIONS);
    stream.open({});
    void stream.send('data: é\n\n').then(() => stream.end('data: 2\n\n'));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => server.close());
  const { port } = server.address() as AddressInfo;
  const bodyOver = async (version: string): Promise<string> => {
    const socket = connect(port, '127.0.0.1');
    socket.write(`GET / HTTP/${version}\r\nHost: a\r\nConnection: close\r\n\r\n`);
    const answer = Buffer.concat(await socket.toArray()).toString();
    return answer.slice(answer.indexOf('\r\n\r\n') + 4);
  };
  assert.equal(await bodyOver('1.1'), 'a\r\ndata: é\n\n\r\n9\r\ndata: 2\n\n\r\n0\r\n\r\n');
  assert.equal(await bodyOver('1.0'), 'data: é\n\ndata: 2\n\n');
});
