import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Client } from '@grpc/grpc-js';
import { Connection } from './connection.js';

function connection() {
  let closed = 0;
  let exhausted = 0;
  const client = { close: () => closed++ } as unknown as Client;
  const under = new Connection(client, () => exhausted++);
  return { under, closed: () => closed, exhausted: () => exhausted };
}

test('a retired connection stays open until its last call has ended: its keepalive would fail and end them', () => {
  const { under, closed } = connection();
  under.begin();
  under.begin();
  under.end();
  under.retire();
  assert.equal(closed(), 0);
  under.end();
  assert.equal(closed(), 1);
  const idle = connection();
  idle.under.retire();
  assert.equal(idle.closed(), 1);
});

test('many resets ask for another connection; those of a retired one say nothing', () => {
  const { under, exhausted } = connection();
  for (let i = 0; i < 500; i++) under.countReset();
  assert.equal(exhausted(), 0);
  while (exhausted() === 0) under.countReset();
  under.retire();
  under.countReset();
  assert.equal(exhausted(), 1);
});
