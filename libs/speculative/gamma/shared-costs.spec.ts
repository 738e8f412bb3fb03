// Many sessions of one target, in simulated time: forwards of up to eight of them, whose time is a line in their tokens.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { GammaController } from '../round.js';
import { ConstantGamma } from './constant.js';
import { GatedGamma } from './gated-gamma-testing.js';
import { GoodputGamma } from './goodput.js';
import { LoadChoice } from './load-choice.js';
import { GoodputKnowledge } from './source-worth.js';

const SLOTS = 8;
const MILLISECONDS = 40_000;
/** As measured with 8-bit blocks on two cores. */
const forwardMs = (tokens: number) => 7 + 1.6 * tokens;
const draftMs = (tokens: number) => (tokens === 0 ? 0 : 1 + 1.2 * tokens);

let state = 7;
function random(): number {
  state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
  return state / 2 ** 32;
}

interface Session {
  readonly gamma: GammaController;
  drafted: number;
  draftMs: number;
  readyAt: number;
}

/** Tokens a millisecond, and tokens drafted a round, of the second half of the time. */
function serve(numSessions: number, acceptance: number, newGamma: () => GammaController) {
  const draft = (session: Session, now: number) => {
    const { maxTokens, minReach = 0 } = session.gamma.next();
    session.drafted = 0;
    for (let reach = 1; session.drafted < maxTokens && reach >= minReach; session.drafted++)
      reach *= acceptance;
    session.draftMs = draftMs(session.drafted);
    session.readyAt = now + session.draftMs;
    return session;
  };
  let waiting = Array.from({ length: numSessions }, (_, i) =>
    draft({ gamma: newGamma(), drafted: 0, draftMs: 0, readyAt: 0 }, i),
  );
  const sums = { tokens: 0, drafted: 0, rounds: 0 };
  for (let now = 0; now < MILLISECONDS; ) {
    waiting.sort((a, b) => a.readyAt - b.readyAt);
    now = Math.max(now, waiting[0]!.readyAt);
    const batch = waiting.filter(({ readyAt }) => readyAt <= now).slice(0, SLOTS);
    waiting = waiting.filter((session) => !batch.includes(session));
    const batchTokens = batch.reduce((sum, { drafted }) => sum + drafted + 1, 0);
    const computeMs = forwardMs(batchTokens);
    now += computeMs;
    for (const session of batch) {
      const { drafted } = session;
      let accepted = 0;
      while (accepted < drafted && random() < acceptance) accepted++;
      const confidences = new Array<number>(drafted).fill(acceptance);
      const restMs = now - session.readyAt;
      const load = {
        computeMs,
        waitMs: restMs - computeMs,
        batchSize: batch.length,
        batchTokens,
        batchRows: batchTokens,
      };
      const times = { draftMs: session.draftMs, restMs };
      session.gamma.observe({ drafted, accepted, confidences, ...times, load });
      if (now > MILLISECONDS / 2) {
        sums.tokens += accepted + 1;
        sums.drafted += drafted;
        sums.rounds++;
      }
      waiting.push(draft(session, now));
    }
  }
  return { rate: (2 * sums.tokens) / MILLISECONDS, gamma: sums.drafted / sums.rounds };
}

for (const acceptance of [0.2, 0.5, 0.7, 0.9])
  test(`drafts that are right with ${acceptance} never slow many sessions down, and are made where they pay`, (t) => {
    const drafted: number[] = [];
    for (const numSessions of [1, 2, 4, 8, 16, 32]) {
      const knowledge = new GoodputKnowledge();
      const choice = new LoadChoice();
      const own = serve(numSessions, acceptance, () => new GatedGamma(new GoodputGamma(knowledge), choice));
      const constants = [0, 1, 2, 3, 4, 6, 8].map(
        (gamma) => serve(numSessions, acceptance, () => new ConstantGamma(gamma)).rate,
      );
      const [ofPlain, ofBest] = [own.rate / constants[0]!, own.rate / Math.max(...constants)];
      t.diagnostic(
        `${numSessions} sessions: ${ofPlain.toFixed(2)} of plain, ${ofBest.toFixed(2)} of the best gamma, ${own.gamma.toFixed(2)} drafted`,
      );
      assert.ok(ofPlain > 0.92, `${numSessions} sessions: ${ofPlain} of plain decoding`);
      assert.ok(ofBest > 0.92, `${numSessions} sessions: ${ofBest} of the best constant gamma`);
      drafted.push(own.gamma);
    }
    assert.ok(drafted.at(-1)! <= drafted[0]! + 0.5, `under load no more is drafted: ${drafted}`);
  });
