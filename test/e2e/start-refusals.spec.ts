// What `outrider serve` says of damaged models and of drafts that don't fit, and what such a draft does when started by
// hand nevertheless.
import assert from 'node:assert/strict';
import { readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { openAiClient, userSays, wholeChat } from '../support/chat.js';
import { homeWithModels, linkedModel } from '../support/linked-model.js';
import { realModels } from '../support/models.js';
import { freeServePorts, ServeProcess } from '../support/serve-process.js';
import { ServiceProcess } from '../support/service-process.js';
import { temporaryFolder } from '../support/temporary-folder.js';

for (const file of ['tokenizer.json', 'model.onnx'])
  test(`a truncated ${file} is named, with the command that mends it`, async (t) => {
    const home = await homeWithModels(t, file);
    const damaged = join(home, 'models', 'smollm2-135m-instruct-q8b64', file);
    await truncate(damaged, 1000);
    const serve = new ServeProcess({ ...(await freeServePorts()), OUTRIDER_HOME: home });
    assert.equal(await serve.end(), 1);
    assert.ok(serve.output.includes(damaged), serve.output);
    assert.match(serve.output, /outrider pull smollm2-135m-instruct --force/);
  });

test('a model that cannot be loaded is in the last words of its service, and the start is over', async (t) => {
  const home = await homeWithModels(t, 'model.onnx');
  const damaged = join(home, 'models', 'smollm2-135m-instruct-q8b64', 'model.onnx');
  // Of the right size, so that only loading it finds out.
  await writeFile(damaged, Buffer.alloc((await stat(damaged)).size, 'x'));
  const serve = new ServeProcess({ ...(await freeServePorts()), OUTRIDER_HOME: home });
  assert.equal(await serve.end(), 1);
  assert.match(serve.output, /The verifier ended \(1\) before it was ready/);
  assert.ok(serve.output.includes(damaged), serve.output);
  assert.ok(serve.output.includes(join(home, 'logs', 'verifier.log')));
});

/** The real draft's folder with a manifest that claims another vocabulary. */
async function foreignDraft(t: TestContext): Promise<string> {
  const { draftFolder } = await realModels();
  const folder = await linkedModel(draftFolder, await temporaryFolder(t), 'outrider.json');
  const file = join(folder, 'outrider.json');
  const manifest = JSON.parse(await readFile(file, 'utf8')) as object;
  await rm(file);
  await writeFile(file, JSON.stringify({ ...manifest, vocabularyFingerprint: 'f'.repeat(64) }));
  return folder;
}

test('a draft with another vocabulary is refused at the start', async (t) => {
  const env = { ...(await freeServePorts()), OUTRIDER_HOME: await homeWithModels(t) };
  const serve = new ServeProcess(env, ['--draft', await foreignDraft(t)]);
  assert.equal(await serve.end(), 1);
  assert.match(serve.output, /vocabulary/);
  assert.doesNotMatch(serve.output, /Starting/);
});

test('a draft with another vocabulary, started by hand, is counted and changes no text', async (t) => {
  const { targetFolder } = await realModels();
  const services: ServiceProcess[] = [];
  t.after(() => Promise.all(services.map((service) => service.end('SIGTERM'))));
  const start = async (role: 'draft' | 'verifier' | 'gateway', env: NodeJS.ProcessEnv) => {
    const service = await ServiceProcess.start(role, { OUTRIDER_MODEL_FOLDER: targetFolder, ...env });
    services.push(service);
    return service;
  };
  const folder = await foreignDraft(t);
  const draft = await start('draft', { OUTRIDER_DRAFT_FOLDER: folder, OUTRIDER_DRAFT_PORT: '0' });
  const drafts = { OUTRIDER_DRAFTS: draft.endpoint };
  const verifier = await start('verifier', { ...drafts, OUTRIDER_VERIFIER_PORT: '0' });
  const gateway = await start('gateway', {
    ...drafts,
    OUTRIDER_VERIFIERS: verifier.endpoint,
    OUTRIDER_HTTP_PORT: '0',
    OUTRIDER_GRPC_PORT: '0',
  });
  const client = openAiClient(gateway.url);
  const messages = userSays('Name three rivers of Europe.');
  const plain = await wholeChat(client, messages, { speculation: { enabled: false }, sessionId: 'plain' });
  const answer = await wholeChat(client, messages, {
    speculation: { method: 'draft_model' },
    sessionId: 'foreign',
  });
  assert.equal(answer.text, plain.text);
  assert.equal(answer.metrics.speculative_decoding.num_draft_tokens, 0);
  assert.ok(answer.metrics.outrider.draft_failures > 0);
});
