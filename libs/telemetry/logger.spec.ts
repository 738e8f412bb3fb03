import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AppError } from '#libs/errors/index.js';
import { createLogger } from './logger.js';

function capture(pretty = false) {
  const lines: string[] = [];
  const destination = { write: (line: string) => void lines.push(line) };
  return { lines, logger: createLogger({ service: 'gateway', level: 'info', pretty, destination }) };
}

test('writes one JSON line with the level by name, an ISO time and the service', () => {
  const { lines, logger } = capture();
  logger.info({ sessionId: 's1' }, 'routed');
  assert.equal(lines.length, 1);
  const line = JSON.parse(lines[0]!);
  assert.equal(line.level, 'info');
  assert.equal(line.service, 'gateway');
  assert.equal(line.msg, 'routed');
  assert.equal(line.sessionId, 's1');
  assert.equal(new Date(line.time).toISOString(), line.time);
});

test('writes nothing below its level', () => {
  const { lines, logger } = capture();
  logger.debug('not this');
  assert.deepEqual(lines, []);
});

test('cuts out secrets and what people wrote, at the top and two levels down', () => {
  const { lines, logger } = capture();
  logger.info({
    authorization: 'hunter2',
    request: { headers: { 'x-api-key': 'hunter2', authorization: 'hunter2' }, prompt: 'hunter2' },
  });
  assert.ok(!lines[0]!.includes('hunter2'), lines[0]);
});

test('writes an error with its code and what caused it', () => {
  const { lines, logger } = capture();
  logger.error(new AppError('unavailable', 'No verifier is alive.', { cause: new Error('refused') }), 'x');
  const { err } = JSON.parse(lines[0]!);
  assert.equal(err.code, 'unavailable');
  assert.match(err.stack, /refused/);
});

test('a pretty line holds message and fields, and no control character of theirs', () => {
  const { lines, logger } = capture(true);
  logger.warn({ name: 'a\u001b[2Jb', count: 3 }, 'first\nsecond');
  assert.equal(lines.length, 1);
  assert.match(lines[0]!, /WARN/);
  assert.match(lines[0]!, /first\\x0asecond name=a\\x1b\[2Jb count=3\n$/);
});

test('a pretty line ends with the stack of an error', () => {
  const { lines, logger } = capture(true);
  logger.error(new Error('broken'), 'stopped');
  assert.match(lines[0]!, /stopped\n {4}Error: broken\n {8}at /);
});
