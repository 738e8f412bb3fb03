// Simulated traffic: what each tenant gets of a busy forward, whatever the others do.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FairQueue } from './fair-queue.js';
import type { Job } from './job.js';

interface Session {
  readonly tenant: string;
  /** Tokens of its next round. */
  readonly roundTokens: () => number;
  readonly priority?: number;
  /** Forwards between two of its rounds. */
  readonly thinks?: number;
}

/** xorshift32: the same traffic every time. */
function dice(seed: number): (sides: number) => number {
  let state = seed;
  return (sides) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % sides;
  };
}

/** Each session has one round waiting, and the next as soon as that was served: what a verifier sees. */
function served(sessions: readonly Session[], numForwards: number, budget = { tokens: 32, slots: 16 }) {
  let forward = 0;
  const queue = new FairQueue<Job & { session: Session }>({ now: () => forward * 20, agingMs: 200 });
  const add = (session: Session) => {
    const numTokens = session.roundTokens();
    const { tenant, priority } = session;
    queue.add({ session, numTokens, numRows: numTokens, claim: { tenant, priority } });
  };
  const back = new Map<number, Session[]>([[0, [...sessions]]]);
  const tokens = new Map<string, number>();
  const longestGap = new Map<Session, number>();
  const last = new Map<Session, number>();
  for (; forward < numForwards; forward++) {
    for (const session of back.get(forward) ?? []) add(session);
    back.delete(forward);
    for (const { job, numTokens } of queue.take(budget)) {
      const { session } = job;
      tokens.set(session.tenant, (tokens.get(session.tenant) ?? 0) + numTokens);
      longestGap.set(session, Math.max(longestGap.get(session) ?? 0, forward - (last.get(session) ?? 0)));
      last.set(session, forward);
      const at = forward + 1 + (session.thinks ?? 0);
      back.set(at, [...(back.get(at) ?? []), session]);
    }
  }
  return { tokens, longestGap };
}

const sessionsOf = (tenant: string, count: number, roundTokens: () => number, more: Partial<Session> = {}) =>
  Array.from({ length: count }, (): Session => ({ tenant, roundTokens, ...more }));

test('tenants share the tokens evenly, however many sessions each has and however long its rounds are', () => {
  const roll = dice(7);
  const sessions = [
    ...sessionsOf('flood', 60, () => 1 + roll(9)),
    ...sessionsOf('long', 8, () => 17),
    ...sessionsOf('plain', 16, () => 1),
  ];
  const { tokens } = served(sessions, 4_000);
  const third = [...tokens.values()].reduce((a, b) => a + b) / 3;
  for (const [tenant, sum] of tokens)
    assert.ok(Math.abs(sum / third - 1) < 0.03, `${tenant}: ${sum} instead of ${third}`);
});

test('a tenant that asks for less than its share has all of it at once, and saves nothing up', () => {
  const modest = sessionsOf('modest', 1, () => 4, { thinks: 3 });
  const { tokens, longestGap } = served([...sessionsOf('flood', 80, () => 8), ...modest], 2_000);
  assert.equal(longestGap.get(modest[0]!), 4);
  assert.equal(tokens.get('modest'), 2_000);
});

test('no session is left out, whatever the priorities', () => {
  const roll = dice(3);
  const sessions = [
    ...sessionsOf('a', 30, () => 1 + roll(9), { priority: -5 }),
    ...sessionsOf('b', 30, () => 1 + roll(9)),
    ...sessionsOf('c', 4, () => 9, { priority: 20 }),
  ];
  const { longestGap } = served(sessions, 3_000);
  for (const session of sessions) {
    const gap = longestGap.get(session);
    // 25 steps of 200 ms are 250 forwards; after that it shares with the others.
    assert.ok(gap !== undefined && gap < 500, `${session.tenant} waited ${gap} forwards`);
  }
});

test('the more urgent of one tenant are served more often', () => {
  const urgent = sessionsOf('t', 20, () => 4, { priority: -2 });
  const patient = sessionsOf('t', 20, () => 4, { priority: 2 });
  const { longestGap } = served([...urgent, ...patient], 1_000);
  const worst = (of: readonly Session[]) => Math.max(...of.map((session) => longestGap.get(session)!));
  assert.ok(worst(urgent) < worst(patient));
});
