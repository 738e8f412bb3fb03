import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Coalesced } from './coalesced.js';

test('calls during a run share one further run, and no two runs overlap', async () => {
  let runs = 0;
  let running = 0;
  const coalesced = new Coalesced(async () => {
    runs++;
    assert.equal(++running, 1);
    await new Promise(setImmediate);
    running--;
  });
  const first = coalesced.run();
  await Promise.resolve();
  const later = Array.from({ length: 10 }, () => coalesced.run());
  assert.ok(later.every((run) => run === later[0] && run !== first));
  await Promise.all([first, ...later]);
  assert.equal(runs, 2);
  await coalesced.run();
  assert.equal(runs, 3);
});

test('a failed run is told to those who waited for it and stops nothing', async () => {
  let fails = true;
  const coalesced = new Coalesced(async () => {
    if (fails) throw new Error('away');
  });
  await assert.rejects(coalesced.run(), /away/);
  fails = false;
  await coalesced.run();
});
