import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Drafting, Head } from '#libs/drafting/index.js';
import { GREEDY } from '#libs/sampling/index.js';
import type { Sequence } from '#libs/speculative/index.js';
import { ToyEngine, type ToyEngineOptions } from '../../test/support/toy-engine.js';
import { LocalProposer } from './local-draft.js';

const VOCABULARY = 8;
const PLAN = { maxTokens: 3, minConfidence: 0 };
const { signal } = new AbortController();

function proposerOver(options: ToyEngineOptions = {}) {
  const engine = new ToyEngine({ vocabSize: VOCABULARY, ...options });
  const drafting = new Drafting(engine, new Head(undefined, VOCABULARY));
  return { engine, proposer: new LocalProposer(drafting, undefined), drafting };
}

function sequenceOf(tokens: readonly number[], sessionId = 's'): Sequence {
  return { sessionId, tokens, promptLength: 2, sampling: GREEDY };
}

test('the first token is not kept waiting: the prompt is read by the first proposal', async () => {
  const { engine, proposer } = proposerOver();
  await proposer.warmUp();
  assert.equal(engine.numForwards, 0);
  const { proposal } = await proposer.propose(sequenceOf([1, 2]), PLAN, signal);
  assert.equal(proposal.tokens.length, PLAN.maxTokens);
  assert.deepEqual(engine.forwards[0], [1, 2]);
});

test('a round reads what is new, whatever became of the one before', async () => {
  const { engine, proposer, drafting } = proposerOver();
  const text = [1, 2];
  for (let round = 0; round < 12; round++) {
    const before = engine.forwards.length;
    const { proposal } = await proposer.propose(sequenceOf([...text]), PLAN, signal);
    const others = new LocalProposer(drafting, undefined);
    const fresh = await others.propose(sequenceOf([...text], `fresh ${round}`), PLAN, signal);
    assert.deepEqual(proposal.tokens, fresh.proposal.tokens);
    // The final token of a round was never drafted, so it at least is new.
    const read = engine.forwards[before]!;
    assert.ok(round === 0 || read.length <= PLAN.maxTokens + 1, `read ${read}`);
    const accepted = [...proposal.tokens].slice(0, round % (PLAN.maxTokens + 1));
    text.push(...accepted, (round * 5) % VOCABULARY);
  }
});

test('sequences whose slots were taken from them are read again', async () => {
  const { proposer, drafting, engine } = proposerOver({ maxTokens: 600 });
  const first = await proposer.propose(sequenceOf([1, 2, 3]), PLAN, signal);
  for (let i = 0; i < 4; i++) {
    const other = new LocalProposer(drafting, undefined);
    await other.propose(sequenceOf(Array(200).fill(i), `other ${i}`), PLAN, signal);
  }
  const again = await proposer.propose(sequenceOf([1, 2, 3]), PLAN, signal);
  assert.deepEqual(again.proposal.tokens, first.proposal.tokens);
  assert.ok(engine.numForwards > 10);
});
