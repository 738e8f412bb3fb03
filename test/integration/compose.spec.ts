// The compose file and the Dockerfile, as far as they can be checked without a container engine: a linter that knows the
// compose schema, and what scaling needs.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const composeFile = join(root, 'docker-compose.yml');
const compose = readFileSync(composeFile, 'utf8');
const dockerfile = readFileSync(join(root, 'deploy/Dockerfile'), 'utf8');

/** The lines of one service, without comments. */
function service(name: string): string {
  const body = new RegExp(`^  ${name}:\\n((?:(?:    .*)?\\n)+)`, 'm').exec(compose)?.[1];
  assert.ok(body, `${name} is a service`);
  return body.replace(/^ *#.*\n/gm, '');
}

test('the linter finds nothing in the compose file', () => {
  const folder = dirname(createRequire(import.meta.url).resolve('dclint/package.json'));
  const args = [join(folder, 'bin/dclint.cjs'), '--formatter', 'json', '--max-warnings', '0', composeFile];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  assert.equal(status, 0, stdout + stderr);
  const results: { readonly messages: readonly unknown[] }[] = JSON.parse(stdout);
  assert.deepEqual(
    results.map(({ messages }) => messages),
    [[]],
  );
});

test('every service can be scaled: no container has a fixed name, only the gateway takes ports of the host', () => {
  assert.doesNotMatch(compose, /container_name|network_mode/);
  assert.equal(compose.match(/^ *ports:/gm)?.length, 1);
  assert.match(service('gateway'), /^ {4}ports:$/m);
  assert.deepEqual(compose.match(/published: "\d+"/g), ['published: "8080"', 'published: "50051"']);
  for (const name of ['draft', 'verifier']) assert.doesNotMatch(service(name), /ports:|published|hostname/);
});

test('each service is built from a stage of the Dockerfile, runs without privileges and is given time to drain', () => {
  const stages = [...dockerfile.matchAll(/^FROM \S+ AS (\w+)$/gm)].map(([, stage]) => stage);
  for (const [, target] of compose.matchAll(/^ +target: ([a-z]+)$/gm))
    assert.ok(stages.includes(target), target);
  for (const name of ['gateway', 'verifier', 'draft']) {
    assert.match(service(name), new RegExp(`SERVICE: ${name}\\n`));
    assert.match(service(name), /<<: \*worker/);
    assert.match(service(name), /healthcheck:/);
  }
  assert.match(compose, /x-worker: &worker\n(?: {2}.*\n)*? {2}stop_grace_period: 30s\n/);
  const lastUser = (stage: string) => stage.match(/^USER (\w+)$/gm)?.at(-1);
  const [, , runtime, pull, last] = dockerfile.split(/^FROM /m);
  assert.equal(lastUser(runtime!), 'USER node');
  assert.equal(lastUser(pull!), 'USER node');
  assert.equal(lastUser(last!), undefined, 'the last stage keeps the user of the stage that it builds on');
});

test('every container has a read-only root, no capabilities, no way to new privileges, and is not run by root', () => {
  const confined = /^x-confined: &confined\n((?: {2}.*\n)+)/m.exec(compose)?.[1] ?? '';
  assert.match(confined, /^ {2}read_only: true\n/m);
  assert.match(confined, /^ {2}cap_drop:\n {4}- ALL\n/m);
  assert.match(confined, /^ {2}security_opt:\n {4}- no-new-privileges:true\n/m);
  assert.match(compose, /^x-worker: &worker\n {2}<<: \*confined\n/m);
  const services = /^services:\n([\s\S]*?)^\S/m.exec(compose)![1]!;
  const names = [...services.matchAll(/^ {2}([a-z]+):$/gm)].map(([, name]) => name!);
  assert.equal(names.length, 5);
  for (const name of names) {
    assert.match(service(name), /^ {4}<<: \*(worker|confined)$/m, name);
    // Images of our own run as node; others say here who runs them.
    if (!service(name).includes('dockerfile:')) assert.match(service(name), /^ {4}user: [a-z]+$/m, name);
    assert.doesNotMatch(service(name), /privileged|cap_add|user: (root|"?0)/, name);
  }
});

test('whoever reads the model waits for the pull and cannot write to its volume', () => {
  for (const name of ['gateway', 'verifier']) {
    assert.match(service(name), /pull:\n {8}condition: service_completed_successfully/);
    assert.match(service(name), /outrider-home:\/var\/lib\/outrider:ro\n/);
  }
  assert.match(service('pull'), /outrider-home:\/var\/lib\/outrider\n/);
  assert.match(service('pull'), /restart: "no"/);
});

test("the gateway's health check tells ready from not ready and from not there", async () => {
  const script = /"(fetch\('http:\/\/127\.0\.0\.1:8080\/ready'\).*)"/.exec(service('gateway'))?.[1];
  assert.ok(script);
  let status = 200;
  const server = createServer((_, response) => response.writeHead(status).end()).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const check = async () => {
    const [code] = await once(spawn(process.execPath, ['-e', script.replace('8080', String(port))]), 'exit');
    return code;
  };
  assert.equal(await check(), 0);
  status = 503;
  assert.equal(await check(), 1);
  server.close();
  server.closeAllConnections();
  assert.equal(await check(), 1);
});
