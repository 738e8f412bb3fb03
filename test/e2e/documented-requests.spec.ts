// Every curl command of the README and the API page, sent to the real thing.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { type SkipSet, writeSkipSet } from '#libs/tuning/index.js';
import { documentedRequests } from '../support/documented-requests.js';
import { startTestStack, type TestStack } from '../support/test-stack.js';

/** What `outrider tune layer-skip` leaves, for the example that comes after it. */
const SKIP_SET: SkipSet = {
  format: 1,
  model: 'smollm2-135m-instruct',
  numLayers: 30,
  attention: [4],
  mlp: [],
  isWorthwhile: false,
  measured: {
    acceptance: 0.93,
    cost: 0.995,
    breakEvenCost: 0.928,
    gamma: 1,
    predictedSpeedUp: 0.966,
    measuredSpeedUp: 0.93,
    trials: 40,
  },
};

let stack: TestStack;
before(async () => {
  const folder = await mkdtemp(join(tmpdir(), 'outrider-documented-'));
  after(() => rm(folder, { recursive: true }));
  const OUTRIDER_SKIP_FILE = await writeSkipSet(folder, SKIP_SET);
  // One example asks what a browser would.
  stack = await startTestStack({ OUTRIDER_CORS_ORIGINS: 'http://localhost:5173', OUTRIDER_SKIP_FILE });
});
after(() => stack.stop());

for (const page of ['README.md', 'docs/api.md']) {
  const requests = documentedRequests(readFileSync(new URL(`../../../${page}`, import.meta.url), 'utf8'));

  test(`${page} has examples`, () => assert.ok(requests.length > 0));

  for (const { line, method, path, headers, body } of requests)
    test(`${page}:${line} answers: ${method} ${path}`, async () => {
      const response = await fetch(`${stack.url}${path}`, { method, headers, ...(body && { body }) });
      const answer = await response.text();
      assert.ok(response.ok, `${response.status}: ${answer}`);
      assert.ok(method === 'OPTIONS' || answer.length > 0);
      if (response.headers.get('content-type')?.includes('text/event-stream'))
        assert.doesNotMatch(answer, /"error":\{/);
      else if (body !== undefined) assert.doesNotThrow(() => JSON.parse(answer));
      assert.equal(response.headers.get('x-outrider-ignored-fields'), null);
    });
}
