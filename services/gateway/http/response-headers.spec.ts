import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { FastifyReply } from 'fastify';
import { requestId, setIgnoredFields } from './response-headers.js';

test("a client's request id is kept if it is sane, else replaced", () => {
  assert.equal(requestId({ headers: { 'x-request-id': 'trace-1:2.3_4' } }), 'trace-1:2.3_4');
  for (const hostile of [undefined, '', 'a b', 'a\r\nb', 'x'.repeat(129), '{}'])
    assert.match(requestId({ headers: { 'x-request-id': hostile } }), /^req_[0-9a-f]{32}$/);
});

test('ignored fields are named, and a name that no header may hold is not', () => {
  const headers: Record<string, string> = {};
  const reply = {
    header: (name: string, value: string) => (headers[name] = value),
  } as unknown as FastifyReply;
  setIgnoredFields(reply, []);
  assert.deepEqual(headers, {});
  setIgnoredFields(reply, ['verbosity', 'a\r\nb', 'é', ...Array.from({ length: 50 }, (_, i) => `f${i}`)]);
  const names = headers['x-outrider-ignored-fields']!.split(', ');
  assert.deepEqual(names.slice(0, 4), ['verbosity', '?', '?', 'f0']);
  assert.equal(names.length, 20);
});
