import assert from 'node:assert/strict';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type TestContext, test } from 'node:test';
import { AppError } from '#libs/errors/index.js';
import { DEFAULT_TIMEOUTS, httpGet } from './http-get.js';

async function serve(context: TestContext, listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  context.after(() => new Promise((resolve) => server.close(resolve)));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function refusal(url: string): Promise<string> {
  const error = await httpGet(url, {}, DEFAULT_TIMEOUTS).then(
    () => assert.fail('it should have failed'),
    (thrown) => thrown,
  );
  assert.ok(error instanceof AppError && error.code === 'unavailable', String(error));
  return error.message;
}

test('a refused connection is told in plain words, at once', async () => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  assert.equal(await refusal(`http://127.0.0.1:${port}/x`), `127.0.0.1:${port}: the connection is refused`);
});

test('keeps what the first hop declares, and the storage behind it cannot overrule it', async (context) => {
  const origin = await serve(context, (request, response) => {
    const isHub = request.url === '/hub';
    const headers = {
      'x-linked-etag': `W/"${(isHub ? 'a' : 'b').repeat(64)}"`,
      'x-linked-size': isHub ? '4' : '5',
      'x-repo-commit': isHub ? 'not a commit' : 'c'.repeat(40),
    };
    response.writeHead(isHub ? 307 : 200, { ...headers, ...(isHub && { location: 'storage' }) }).end('data');
  });
  const answer = await httpGet(`${origin}/hub`, {}, DEFAULT_TIMEOUTS);
  assert.deepEqual(answer.declared, { sha256: 'a'.repeat(64), bytes: 4, commit: 'c'.repeat(40) });
  const chunks: Uint8Array[] = [];
  for await (const chunk of answer.body) chunks.push(chunk);
  assert.equal(Buffer.concat(chunks).toString(), 'data');
});

test('endless redirects and redirects to other things than web addresses are refused', async (context) => {
  const origin = await serve(context, (request, response) => {
    response.writeHead(302, { location: request.url === '/file' ? 'file:///etc/passwd' : '/again' }).end();
  });
  assert.match(await refusal(`${origin}/loop`), /more than 5 redirects/);
  assert.match(await refusal(`${origin}/file`), /not a web address/);
});
