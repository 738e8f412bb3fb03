import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AppError } from '#libs/errors/index.js';
import { isLocal, parseRedisUrl } from './redis-address.js';

test('one URL names a server, Sentinels with their primary, or a Cluster', () => {
  assert.deepEqual(parseRedisUrl('redis://localhost'), {
    kind: 'server',
    isEncrypted: false,
    hosts: [{ host: 'localhost', port: 6379 }],
    username: undefined,
    password: undefined,
    db: 0,
    primary: undefined,
  });
  const sentinel = parseRedisUrl('rediss+sentinel://me:p%40ss@a:1,[::1]/main');
  assert.deepEqual(sentinel.hosts, [
    { host: 'a', port: 1 },
    { host: '::1', port: 26379 },
  ]);
  assert.deepEqual(
    [sentinel.isEncrypted, sentinel.username, sentinel.password, sentinel.primary],
    [true, 'me', 'p@ss', 'main'],
  );
  assert.deepEqual(parseRedisUrl('redis+cluster://a:1,b').hosts.length, 2);
  assert.equal(parseRedisUrl('redis://:secret@h:1/7').db, 7);
});

test('what is wrong is said without the URL, which may hold a password', () => {
  for (const url of [
    'http://secret',
    'redis://secret@',
    'redis://a:70000',
    'redis://:secret@a,b',
    'redis+sentinel://:secret@a',
    'redis+cluster://:secret@a/3',
    'redis://:secret@a/x',
    'redis://:secret%@a',
    'redis://:secret@a?b',
  ])
    assert.throws(
      () => parseRedisUrl(url),
      (error) =>
        error instanceof AppError && error.code === 'invalid_argument' && !/secret/.test(error.message),
      url,
    );
});

test('local is only what is local in every host', () => {
  assert.equal(isLocal(parseRedisUrl('redis://[::1]:5')), true);
  assert.equal(isLocal(parseRedisUrl('redis+cluster://127.0.0.1:5,localhost')), true);
  assert.equal(isLocal(parseRedisUrl('redis+cluster://127.0.0.1:5,redis')), false);
});
