import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ConstantGamma } from '#libs/speculative/index.js';
import { seededRandom } from '#libs/tuning/index.js';
import { chanceAnswer } from './acceptance.js';
import { Clock } from './clock.js';
import { type Curves, forwardCurve } from './curves.js';
import { Device } from './device.js';
import type { SystemOptions } from './places.js';
import type { SimulatedRequest } from './simulated-request.js';
import { simulate } from './simulation.js';

const CHANCE = 0.8;
const GAMMA = 4;
const DRAFT_MS = 1;
/** Of one row, and of each more. */
const FORWARD = { first: 10, more: 0.5 };
const RTT_MS = 3;

const curves: Curves = {
  forwardMs: (rows) => FORWARD.first + FORWARD.more * (rows - 1),
  draftStepMs: () => DRAFT_MS,
  draftReadMs: 0,
  draftFixedMs: 0,
  draftHopMs: 0,
  verifyOverheadMs: 0,
  requestMs: 0,
  gatewayMs: 0,
  clientMs: 0,
};

const apart: SystemOptions = {
  gateways: 1,
  verifiers: 1,
  drafts: 1,
  sessions: 1,
  placement: 'apart',
  cores: 1,
  gatewayRttMs: 0,
  draftRttMs: RTT_MS,
  verifier: { threads: 1, maxSlots: 1, maxRows: 256 },
  draftBatch: 1,
};

/** Endless answers, so that prompts don't count. */
function* requests(seed: number, gamma: number): Generator<SimulatedRequest, never> {
  const random = seededRandom(seed);
  for (;;)
    yield {
      prompt: [0],
      promptRows: 1,
      answer: chanceAnswer(1_000_000, CHANCE, random),
      start: (proposer) => ({ proposer, gamma: new ConstantGamma(gamma), ended: () => {} }),
    };
}

async function rate(system: SystemOptions, gamma: number, costs = curves): Promise<number> {
  const run = await simulate(system, costs, (session) => requests(session + 1, gamma), {
    warmUpMs: 1000,
    windowMs: 60_000,
  });
  return run.tokensPerSecond;
}

function assertNear(value: number, wanted: number, share = 0.02): void {
  assert.ok(Math.abs(value / wanted - 1) < share, `${value} against ${wanted}`);
}

const expected = (1 - CHANCE ** (GAMMA + 1)) / (1 - CHANCE);

test('one session is as fast as E / (γc + v + ρ) says', async () => {
  const plain = await rate(apart, 0);
  assertNear(plain, 1000 / FORWARD.first);
  const law =
    expected /
    ((GAMMA * DRAFT_MS) / FORWARD.first +
      curves.forwardMs(GAMMA + 1, 1) / FORWARD.first +
      RTT_MS / FORWARD.first);
  assertNear((await rate(apart, GAMMA)) / plain, law);
});

test('a saturated verifier with drafts elsewhere serves 1 + γ·t_d/t_v times what a pair on one core does', async () => {
  const many: SystemOptions = { ...apart, sessions: 16, drafts: 8, draftRttMs: 0 };
  const ratio = (await rate(many, GAMMA)) / (await rate({ ...many, drafts: 1, placement: 'pairs' }, GAMMA));
  assertNear(ratio, 1 + (GAMMA * DRAFT_MS) / curves.forwardMs(GAMMA + 1, 1));
});

test('a batch of sessions shares the forward', async () => {
  const costs = { ...curves, forwardMs: () => FORWARD.first };
  const batched = { ...apart, sessions: 8, verifier: { ...apart.verifier, maxSlots: 8 } };
  assertNear(await rate(batched, 0, costs), (8 * 1000) / FORWARD.first);
});

test('a batch never holds more rows than it may', async () => {
  const batched = { ...apart, sessions: 8, verifier: { threads: 1, maxSlots: 8, maxRows: 4 } };
  assertNear(await rate(batched, 0), (4 * 1000) / curves.forwardMs(4, 4));
});

test('a single gateway bounds what all verifiers bring', async () => {
  const costs = { ...curves, gatewayMs: 1 };
  assertNear(await rate({ ...apart, verifiers: 20, sessions: 40 }, 0, costs), 1000);
});

test('the same seed simulates the same', async () => {
  assert.equal(await rate({ ...apart, sessions: 5 }, GAMMA), await rate({ ...apart, sessions: 5 }, GAMMA));
});

test('threads share the cores of their machine', async () => {
  const clock = new Clock();
  const device = new Device(clock, 2);
  const ends: Record<string, number> = {};
  device.run(10, 2, () => {
    ends.forward = clock.nowMs;
  });
  clock.after(5, () =>
    device.run(2, 1, () => {
      ends.draft = clock.nowMs;
    }),
  );
  await clock.runUntil(100);
  // From 5 ms on three threads want two cores: 2 ms of work take 3.
  assertNear(ends.draft!, 8, 1e-6);
  assertNear(ends.forward!, 11, 1e-6);
});

test('a draft in its verifier’s thread takes no hop, and forwards wait for it', async () => {
  const inside: SystemOptions = { ...apart, draftPlace: 'verifier' };
  const alone = await rate(inside, GAMMA);
  assertNear(alone, await rate({ ...apart, draftRttMs: 0 }, GAMMA));
  // One thread does all: more sessions bring no more.
  assertNear(await rate({ ...inside, sessions: 8 }, GAMMA), alone);
});

test('forward times are interpolated along the rows of one sequence, and on a plane for several', () => {
  const time = (rows: number, slots: number, forwardMs: number) => ({ rows, slots, forwardMs, rounds: 10 });
  const alone = [time(1, 1, 10), time(3, 1, 12), time(9, 1, 18)];
  const together = [2, 4, 8].flatMap((slots) =>
    [1, 3].map((each) => time(each * slots, slots, 5 + slots + 2 * each * slots)),
  );
  const curve = forwardCurve([...alone, ...together]);
  assert.equal(curve(2, 1), 11);
  assert.equal(curve(12, 1), 21);
  assertNear(curve(20, 5), 50, 1e-3);
  assert.equal(forwardCurve(alone)(2, 3), 11);
});
