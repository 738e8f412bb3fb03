// A handful of the fault suite's cases (test/chaos runs them all): the client sees the undisturbed text, to its last token.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { seededRandom } from '#libs/tuning/index.js';
import {
  allCases,
  type Case,
  describe,
  nameOf,
  type Phase,
  randomCase,
  type Target,
} from '../chaos/fault.js';
import { FaultRun } from '../chaos/fault-run.js';

let run: FaultRun;
before(async () => {
  run = await FaultRun.start(seededRandom(1));
});
after(() => run.stop());

function single(target: Target, fault: string, phase: Phase): Case {
  return allCases().find(
    ({ strikes: [strike] }) =>
      strike!.target === target && nameOf(strike!.fault) === fault && strike!.phase === phase,
  )!;
}

const CASES = [
  single('link to verifier', 'reset', 'midway'),
  single('link to verifier', 'truncate', 'prefill'),
  single('link to draft', 'blackhole', 'first round'),
  single('redis', 'freeze', 'queued'),
  single('verifier', 'kill', 'last round'),
  single('gateway', 'kill', 'prefill'),
  single('gateway', 'kill', 'midway'),
  single('gateway', 'kill', 'last round'),
  ...[2, 3].map((seed) => randomCase(seededRandom(seed))),
];

for (const each of CASES)
  test(`nothing is lost, doubled or changed by: ${describe(each)}`, async () => {
    assert.equal((await run.run(each)).broken, undefined);
  });
