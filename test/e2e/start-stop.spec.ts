// `outrider serve` from its first word to its last: what it says, what it leaves behind, and whose ports it respects.
import assert from 'node:assert/strict';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type TestContext, test } from 'node:test';
import { openAiClient, userSays, wholeChat } from '../support/chat.js';
import { homeWithModels } from '../support/linked-model.js';
import { freeServePorts, isAlive, ServeProcess } from '../support/serve-process.js';
import { until } from '../support/until.js';

/** A hub that counts who asks. */
async function countingHub(
  t: TestContext,
): Promise<{ readonly url: string; readonly asked: readonly string[] }> {
  const asked: string[] = [];
  const server = createServer(({ url = '' }: IncomingMessage, response) => {
    asked.push(url);
    response.writeHead(404).end();
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  t.after(() => server.close());
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked };
}

test('it says how to use it, downloads nothing that is there, and leaves no process behind', async (t) => {
  const hub = await countingHub(t);
  const ports = await freeServePorts();
  const home = await homeWithModels(t);
  const env = { ...ports, OUTRIDER_HOME: home, HF_ENDPOINT: hub.url, PIP_INDEX_URL: hub.url };
  const url = `http://127.0.0.1:${ports.OUTRIDER_HTTP_PORT}`;
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    const serve = new ServeProcess(env);
    await serve.ready();
    assert.match(serve.output, /Outrider is ready/);
    assert.ok(serve.output.includes(`${url}/v1\n`));
    assert.ok(serve.output.includes(`127.0.0.1:${ports.OUTRIDER_GRPC_PORT}`));
    assert.ok(serve.output.includes(`curl -N ${url}/v1/chat/completions`));
    assert.doesNotMatch(serve.output, /Downloading|Building/);
    const { text } = await wholeChat(openAiClient(url), userSays('Say hello.'), { maxTokens: 4 });
    assert.ok(text.length > 0);
    const children = serve.children();
    assert.equal(children.length, 2);
    assert.equal(await serve.end(signal), 0);
    assert.match(serve.output, /Stopped\.\n$/);
    assert.deepEqual(children.filter(isAlive), []);
  }
  assert.deepEqual(hub.asked, []);
});

for (const variable of [
  'OUTRIDER_HTTP_PORT',
  'OUTRIDER_GRPC_PORT',
  'OUTRIDER_VERIFIER_PORT',
  'OUTRIDER_DRAFT_PORT',
] as const)
  test(`a port of another program is named with ${variable}, and nothing is left behind`, async (t) => {
    const { url } = await countingHub(t);
    const taken = new URL(url).port;
    const env = { ...(await freeServePorts()), [variable]: taken, OUTRIDER_HOME: await homeWithModels(t) };
    const serve = new ServeProcess(env, ['--draft-in', 'process']);
    assert.equal(await serve.end(), 1);
    assert.ok(serve.output.includes(taken) && serve.output.includes(variable), serve.output);
    assert.match(serve.output, /in use/);
    assert.doesNotMatch(serve.output, /Outrider is ready|\n {4}at /);
  });

test('a second one on the ports of the first refuses, and the first goes on', async (t) => {
  const env = { ...(await freeServePorts()), OUTRIDER_HOME: await homeWithModels(t) };
  const first = new ServeProcess(env);
  await first.ready();
  const second = new ServeProcess(env);
  assert.equal(await second.end(), 1);
  assert.match(second.output, /in use/);
  assert.doesNotMatch(second.output, /Outrider is ready/);
  const url = `http://127.0.0.1:${env.OUTRIDER_HTTP_PORT}`;
  assert.ok((await wholeChat(openAiClient(url), userSays('Say hello.'), { maxTokens: 2 })).text.length > 0);
  assert.equal(await first.end('SIGINT'), 0);
});

test('a place for the draft that there is not is named before anything is fetched', async () => {
  const serve = new ServeProcess(await freeServePorts(), ['--draft-in', 'gateway', '--model', 'unheard-of']);
  assert.equal(await serve.end(), 1);
  assert.match(serve.output, /--draft-in is gateway; it must be verifier or process\./);
});

test('an interrupt while the services start ends them all', async (t) => {
  const env = { ...(await freeServePorts()), OUTRIDER_HOME: await homeWithModels(t) };
  const serve = new ServeProcess(env, ['--draft-in', 'process']);
  await until('the services are being started', () => serve.children().length === 3);
  const children = serve.children();
  assert.equal(await serve.end('SIGINT'), 0);
  assert.deepEqual(children.filter(isAlive), []);
  assert.doesNotMatch(serve.output, /Outrider is ready|\n {4}at /);
});
