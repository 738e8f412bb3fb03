import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fastify } from 'fastify';
import { Routes } from './routes.js';

test('methods of a path are those of the routes that it matches', async (t) => {
  const server = fastify();
  t.after(() => server.close());
  const routes = new Routes(server);
  server.get('/v1/models/:id', async () => '');
  server.post('/v1/models', async () => '');
  server.get('/docs/*', async () => '');
  await server.ready();
  assert.deepEqual(routes.methodsOf('/v1/models').toSorted(), ['POST']);
  assert.deepEqual(routes.methodsOf('/v1/models/x').toSorted(), ['GET', 'HEAD']);
  assert.deepEqual(routes.methodsOf('/docs/a/b').toSorted(), ['GET', 'HEAD']);
  for (const unknown of ['/', '/v1', '/v1/models/x/y', '/doc'])
    assert.deepEqual(routes.methodsOf(unknown), []);
});
