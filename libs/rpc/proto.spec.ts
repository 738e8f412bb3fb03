import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { LOADER_OPTIONS, PACKAGE_ROOT, PROTO_FILES } from './load.js';

const script: string = JSON.parse(readFileSync(`${PACKAGE_ROOT}package.json`, 'utf8')).scripts.proto;

test('the committed types are those that `npm run proto` makes of the protos', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'outrider-proto-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const [tool, ...flags] = script.split(' ');
  const args = flags.map((flag) => (flag.startsWith('--outDir=') ? `--outDir=${folder}` : flag));
  execFileSync(`${PACKAGE_ROOT}node_modules/.bin/${tool}`, args, { cwd: PACKAGE_ROOT });
  const committed = contents(`${PACKAGE_ROOT}libs/rpc/generated`);
  assert.ok(committed.size > 10);
  assert.deepEqual(contents(folder), committed, 'run `npm run proto` and commit what changes');
});

test('the run-time loader reads what the types promise', () => {
  const flags = new Set(script.split(' ').filter((flag) => flag.startsWith('--')));
  for (const flag of ['--longs=String', '--enums=String', '--defaults', '--oneofs', '--includeDirs=proto'])
    assert.ok(flags.delete(flag), flag);
  for (const flag of flags)
    assert.match(flag, /^--(grpcLib|targetFileExtension|importFileExtension|outDir)=/);
  const { longs, enums, defaults, oneofs, keepCase } = LOADER_OPTIONS;
  assert.deepEqual([longs, enums, defaults, oneofs, keepCase], [String, String, true, true, undefined]);
  for (const file of PROTO_FILES) assert.ok(script.includes(file), file);
});

test('the protos pass buf lint', () => {
  execFileSync(`${PACKAGE_ROOT}node_modules/.bin/buf`, ['lint'], { cwd: PACKAGE_ROOT, stdio: 'pipe' });
});

function contents(folder: string): Map<string, string> {
  const names = readdirSync(folder, { recursive: true }).map(String).sort();
  const files = names.filter((name) => name.endsWith('.ts'));
  return new Map(files.map((name) => [name, readFileSync(join(folder, name), 'utf8')]));
}
