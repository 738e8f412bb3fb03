import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deterministicProposal, EMPTY_PROPOSAL, GREEDY } from '#libs/sampling/index.js';
import { Chain, type DraftSource } from './chain.js';
import { GoodputGamma, GoodputKnowledge } from './gamma/goodput.js';
import type { Sequence } from './round.js';

const SEQUENCE: Sequence = { sessionId: 's', tokens: [1, 2, 3], promptLength: 3, sampling: GREEDY };
const PLAN = { maxTokens: 8, minConfidence: 0 };
const never = new AbortController().signal;

/** A source that always offers the same tokens, with the same confidence in each. */
function source(
  name: string,
  offer: { readonly tokens: readonly number[]; readonly confidence: number } | Error,
  { isFree = false, acceptance = 0.7 } = {},
): DraftSource {
  const knowledge = new GoodputKnowledge();
  knowledge.acceptance = acceptance;
  const propose = async () => {
    if (offer instanceof Error) throw offer;
    const proposal = offer.tokens.length === 0 ? EMPTY_PROPOSAL : deterministicProposal(offer.tokens);
    return { proposal, computeMs: 1, confidences: offer.tokens.map(() => offer.confidence) };
  };
  return { name, proposer: { propose }, gamma: new GoodputGamma(knowledge), isFree };
}

const drafted = async (...sources: DraftSource[]) => {
  const { proposal } = await new Chain(sources).propose(SEQUENCE, PLAN, never);
  return [...proposal.tokens];
};

const lookup = (confidence: number, ...tokens: number[]) =>
  source('lookup', { tokens, confidence }, { isFree: true });
const model = (acceptance: number) => source('model', { tokens: [9], confidence: 0.8 }, { acceptance });

test('a good offer spares the draft model, a poor one does not', async () => {
  assert.deepEqual(await drafted(lookup(0.95, 5, 6, 7, 8), model(0.6)), [5, 6, 7, 8]);
  assert.deepEqual(await drafted(lookup(0.2, 5, 6, 7, 8), model(0.9)), [9]);
  assert.deepEqual(await drafted(lookup(0.9), model(0.9)), [9], 'nothing was found');
});

test('a source that fails is followed by the next, and at last by the offer that was passed over', async () => {
  const broken = source('broken', new Error('down'), { acceptance: 0.95 });
  assert.deepEqual(await drafted(broken, model(0.6)), [9]);
  assert.deepEqual(await drafted(lookup(0.2, 5), broken), [5]);
  await assert.rejects(drafted(broken), /down/);
  assert.deepEqual(await drafted(), []);
});

test('the source that was used learns from the round, and a plain round reaches all', async () => {
  const [one, other] = [lookup(0.95, 5, 6), model(0.6)];
  const told: string[] = [];
  for (const each of [one, other])
    each.gamma.observe = ({ drafted: count }) => void told.push(`${each.name} ${count}`);
  const chain = new Chain([one, other]);
  await chain.propose(SEQUENCE, PLAN, never);
  const times = { confidences: [], draftMs: 1, restMs: 10 };
  chain.observe({ drafted: 2, accepted: 1, ...times });
  chain.observe({ drafted: 0, accepted: 0, ...times });
  assert.deepEqual(told, ['lookup 2', 'lookup 0', 'model 0']);
});

test('every source reads the prompt at the start, a found match or not', async () => {
  const read: string[] = [];
  const sources = [lookup(0.95, 5), model(0.6)].map((each) => ({
    ...each,
    proposer: { ...each.proposer, warmUp: async () => void read.push(each.name) },
  }));
  await new Chain(sources).warmUp(SEQUENCE, never);
  assert.deepEqual(read, ['lookup', 'model']);
});
