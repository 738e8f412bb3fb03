import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deterministicProposal, EMPTY_PROPOSAL, GREEDY } from '#libs/sampling/index.js';
import { Chain } from './chain.js';
import type { DraftSource } from './draft-source.js';
import { ConstantGamma } from './gamma/constant.js';
import { GoodputKnowledge } from './gamma/source-worth.js';
import type { DraftPlan, Sequence } from './round.js';

const SEQUENCE: Sequence = { sessionId: 's', tokens: [1, 2, 3], promptLength: 3, sampling: GREEDY };
const PLAN = { maxTokens: 8, minConfidence: 0 };
const never = new AbortController().signal;

/** A source that always offers the same tokens, with the same confidence in each. */
function source(
  name: string,
  offer: { readonly tokens: readonly number[]; readonly confidence: number } | Error,
  { isFree = false, acceptance = 0.7 } = {},
): DraftSource {
  const knowledge = new GoodputKnowledge(isFree);
  knowledge.acceptance = acceptance;
  const propose = async () => {
    if (offer instanceof Error) throw offer;
    const proposal = offer.tokens.length === 0 ? EMPTY_PROPOSAL : deterministicProposal(offer.tokens);
    return { proposal, computeMs: 1, confidences: offer.tokens.map(() => offer.confidence) };
  };
  return { name, proposer: { propose }, knowledge };
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
  for (const other of [model(0.6), lookup(0.2, 5)]) {
    const { instead } = await new Chain([broken, other]).propose(SEQUENCE, PLAN, never);
    assert.match(String(instead), /down/, 'and what failed is told');
  }
  await assert.rejects(drafted(broken), /down/);
  assert.deepEqual(await drafted(), []);
});

/** Tells of every outcome. */
class Told extends ConstantGamma {
  constructor(
    private readonly name: string,
    private readonly told: string[],
  ) {
    super(2);
  }

  override observe(outcome?: { readonly drafted: number }): void {
    this.told.push(`${this.name} ${outcome?.drafted}`);
  }
}

test('the source that was used learns from the round, and a plain round reaches all', async () => {
  const told: string[] = [];
  const sources = [lookup(0.95, 5, 6), model(0.6)].map((each) => ({
    ...each,
    gamma: new Told(each.name, told),
  }));
  const chain = new Chain(sources);
  await chain.propose(SEQUENCE, PLAN, never);
  const times = { confidences: [], draftMs: 1, restMs: 10 };
  chain.observe({ drafted: 2, accepted: 1, ...times });
  chain.observe({ drafted: 0, accepted: 0, ...times });
  assert.deepEqual(told, ['lookup 2', 'lookup 0', 'model 0']);
});

test('a controller that is given decides how much each source drafts', async () => {
  const asked: unknown[] = [];
  const sources = [lookup(0.95), model(0.9)].map(({ proposer, ...each }) => ({
    ...each,
    gamma: new ConstantGamma(3, 0.25),
    proposer: {
      propose: (sequence: Sequence, plan: DraftPlan, signal: AbortSignal) => {
        asked.push({ [each.name]: plan });
        return proposer.propose(sequence, plan, signal);
      },
    },
  }));
  const chain = new Chain(sources);
  assert.equal(chain.next().maxTokens, 3);
  await chain.propose(SEQUENCE, chain.next(), never);
  const plan = { maxTokens: 3, minConfidence: 0.25 };
  assert.deepEqual(asked, [{ lookup: plan }, { model: { ...plan, ahead: 0 } }]);
});

test('a controller that nobody asked for gives way where goodput finds that nothing pays', () => {
  const plan = (pauses: boolean) => {
    const hopeless = { ...model(0.6), gamma: new ConstantGamma(5), pauses };
    const chain = new Chain([hopeless]);
    const first = chain.next().maxTokens;
    chain.observe({ drafted: 0, accepted: 0, confidences: [], draftMs: 0, restMs: 10 });
    for (let i = 0; i < 40; i++)
      chain.observe({ drafted: 5, accepted: 0, confidences: [], draftMs: 30, restMs: 20 });
    return [first, chain.next().maxTokens];
  };
  assert.deepEqual(plan(false), [5, 5]);
  assert.deepEqual(plan(true), [5, 0]);
});

test('an offer is judged by how the text went on, used or not', async () => {
  const sure = lookup(0.6, 7, 7, 7);
  const chain = new Chain([sure]);
  const tokens = [1, 2, 3];
  const offered = async () =>
    (await chain.propose({ ...SEQUENCE, tokens }, PLAN, never)).proposal.tokens.length;
  assert.notEqual(await offered(), 0);
  // Rounds of others commit what the offer never says.
  for (let round = 0; round < 60; round++) {
    tokens.push(4);
    await offered();
  }
  assert.equal(await offered(), 0);
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

test('where sessions share the target, a draft is asked and reads only if the load allows it', async () => {
  const load = { isShared: true, isOn: false, observe: () => {}, lose: () => {} };
  const called: string[] = [];
  let finishReading = () => {};
  const named = (each: DraftSource): DraftSource => ({
    ...each,
    proposer: {
      warmUp: () => {
        called.push(`${each.name} reads`);
        return new Promise((resolve) => (finishReading = resolve));
      },
      propose: (...asked) => {
        called.push(`${each.name} drafts`);
        return each.proposer.propose(...asked);
      },
    },
  });
  const insisted = (each: DraftSource): DraftSource => ({ ...each, gamma: new ConstantGamma(2) });
  const round = async (chain: Chain) => {
    const plan = chain.next();
    if (plan.maxTokens === 0) return 0;
    return (await chain.propose(SEQUENCE, plan, never)).proposal.tokens.length;
  };

  const closed = new Chain([named(model(0.9))], 8, load);
  closed.next();
  await closed.warmUp(SEQUENCE, never);
  assert.equal(await round(closed), 0);
  assert.deepEqual(called, []);

  load.isOn = true;
  const open = new Chain([named(model(0.9))], 8, load);
  open.next();
  await open.warmUp(SEQUENCE, never);
  assert.equal(await round(open), 0, 'it reads, and the round does not wait');
  finishReading();
  await new Promise(setImmediate);
  assert.equal(await round(open), 1);
  assert.deepEqual(called, ['model reads', 'model drafts']);

  load.isOn = false;
  const asked = new Chain([insisted(named(model(0.9)))], 8, load);
  assert.equal(await round(asked), 1, 'a request that names its length is heard');
});
