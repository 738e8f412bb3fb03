import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AppError } from '#libs/errors/index.js';
import {
  deterministicProposal,
  EMPTY_PROPOSAL,
  GREEDY,
  keyedRandom,
  oneHot,
  type Proposal,
  verifyProposal,
} from '#libs/sampling/index.js';
import {
  ConstantGamma,
  type DecodePorts,
  type DecodeRequest,
  type DraftPlan,
  decode,
  type Proposer,
  type Round,
  type Sequence,
} from './index.js';
import type { RoundOutcome } from './round.js';

// The target counts upwards: after token n comes n + 1.
const REQUEST: DecodeRequest = {
  sessionId: 's',
  promptTokens: [5, 6, 7],
  sampling: GREEDY,
  maxTokens: 10,
  contextLength: 100,
  stopTokenIds: new Set(),
  vocabSize: 50,
};
const COUNTING = [8, 9, 10, 11, 12, 13, 14, 15, 16, 17];

const counting: DecodePorts['verifier'] = {
  async verify({ tokens, sampling }, proposal) {
    const committed = [...tokens];
    const row = (i: number) => oneHot((i === 0 ? committed.at(-1)! : proposal.tokens[i - 1]!) + 1);
    const random = keyedRandom(sampling.seed, committed.length);
    const verdict = verifyProposal({ row, proposal, firstPosition: committed.length, sampling, random });
    return { verdict, computeMs: 3, cachedTokens: committed.length - 1 };
  },
};

const next = (tokens: readonly number[], plan: DraftPlan) =>
  Array.from({ length: plan.maxTokens }, (_, i) => tokens.at(-1)! + 1 + i);
const proposing = (choose: (sequence: Sequence, plan: DraftPlan) => Proposal): Proposer => ({
  propose: async (sequence, plan) => ({ proposal: choose(sequence, plan), computeMs: 1 }),
});
const perfect = proposing(({ tokens }, plan) => deterministicProposal(next(tokens, plan)));
const hanging: Proposer = { propose: () => new Promise(() => {}) };

async function run(
  request: Partial<DecodeRequest> = {},
  ports: Partial<DecodePorts> = {},
  signal = new AbortController().signal,
): Promise<{ tokens: number[]; rounds: Round[] }> {
  const all = {
    verifier: counting,
    gamma: new ConstantGamma(4),
    draftDeadlineMs: 5000,
    now: () => 0,
    ...ports,
  };
  const rounds: Round[] = [];
  for await (const round of decode({ ...REQUEST, ...request }, all, signal)) rounds.push(round);
  return { tokens: rounds.flatMap((round) => [...round.tokens]), rounds };
}

const shape = (rounds: readonly Round[]) =>
  rounds.map(({ tokens, drafted, accepted }) => [tokens.length, drafted, accepted]);

test('without a proposer every round commits one token', async () => {
  const { tokens, rounds } = await run();
  assert.deepEqual(tokens, COUNTING);
  assert.equal(rounds.length, 10);
  assert.equal(rounds.at(-1)!.finishReason, 'length');
  assert.ok(rounds.slice(0, -1).every(({ finishReason }) => finishReason === undefined));
});

test('a perfect draft commits gamma + 1 tokens a round once it has warmed up, and never overruns max_tokens', async () => {
  const { tokens, rounds } = await run({}, { proposer: perfect });
  assert.deepEqual(tokens, COUNTING);
  assert.deepEqual(shape(rounds), [
    [1, 0, 0],
    [5, 4, 4],
    [4, 3, 3],
  ]);
});

test('the context length bounds the generation like max_tokens', async () => {
  const { tokens, rounds } = await run({ contextLength: 9 }, { proposer: perfect });
  assert.deepEqual(tokens, COUNTING.slice(0, 6));
  assert.equal(rounds.at(-1)!.finishReason, 'length');
});

test('the draft is asked for no more than could be committed, and not at all for the last token', async () => {
  const asked: number[] = [];
  const proposer = proposing((sequence, plan) => {
    asked.push(plan.maxTokens);
    return deterministicProposal(next(sequence.tokens, plan));
  });
  await run({ maxTokens: 7 }, { proposer });
  assert.deepEqual(asked.splice(0), [1, 4]);
  await run({ maxTokens: 1 }, { proposer });
  await run({}, { proposer, gamma: new ConstantGamma(0) });
  assert.deepEqual(asked, []);
});

test('work ahead is asked for only as far as tokens can be committed', async () => {
  const asked: (number | undefined)[] = [];
  const proposer = proposing((sequence, plan) => {
    asked.push(plan.ahead);
    return deterministicProposal(next(sequence.tokens, plan));
  });
  const gamma = { next: () => ({ maxTokens: 2, minConfidence: 0, ahead: 3 }), observe: () => {} };
  // After the warm-up, rounds of 3 tokens begin with 12, 9, 6 and 3 to go.
  await run({ maxTokens: 13 }, { proposer, gamma });
  assert.deepEqual(asked, [undefined, 3, 3, 2, 0]);
});

test('a stop token inside the accepted run ends it: later tokens and the bonus are dropped', async () => {
  const { tokens, rounds } = await run({ stopTokenIds: new Set([10]) }, { proposer: perfect });
  assert.deepEqual(tokens, [8, 9, 10]);
  assert.deepEqual(shape(rounds), [
    [1, 0, 0],
    [2, 4, 2],
  ]);
  assert.equal(rounds.at(-1)!.finishReason, 'stop');
});

test('log probabilities pass through with their tokens, and none goes with what a stop token cuts off', async () => {
  const entry = (logprob: number) => ({ logprob, topIds: [], topLogprobs: [] });
  const verifier: DecodePorts['verifier'] = {
    async verify(sequence, proposal, signal) {
      const verified = await counting.verify(sequence, proposal, signal);
      const run = [
        ...proposal.tokens.subarray(0, verified.verdict.acceptedCount),
        verified.verdict.finalToken,
      ];
      const isFirst = sequence.tokens.length === 3;
      const promptLogprobs = [entry(-1), entry(-2)];
      return { ...verified, logprobs: run.map((token) => entry(-token)), ...(isFirst && { promptLogprobs }) };
    },
  };
  const { rounds } = await run({ stopTokenIds: new Set([10]) }, { proposer: perfect, verifier });
  assert.deepEqual(
    rounds.map(({ logprobs }) => logprobs!.map(({ logprob }) => -logprob)),
    [[8], [9, 10]],
  );
  assert.deepEqual(
    rounds.map(({ promptLogprobs }) => promptLogprobs?.length),
    [2, undefined],
  );
});

test('a stop token as the final token ends the generation too, and wins over length', async () => {
  for (const stop of [8, 13, 17]) {
    const { tokens, rounds } = await run({ stopTokenIds: new Set([stop]) }, { proposer: perfect });
    assert.equal(tokens.at(-1), stop);
    assert.equal(rounds.at(-1)!.finishReason, 'stop');
  }
});

test('a drafted stop token that the target rejects does not end the generation', async () => {
  const proposer = proposing(() => deterministicProposal([40]));
  const { tokens } = await run({ stopTokenIds: new Set([40]) }, { proposer });
  assert.deepEqual(tokens, COUNTING);
});

const FAILURES: Record<string, readonly [Proposer, RegExp]> = {
  'that rejects': [{ propose: () => Promise.reject(new Error('draft down')) }, /^draft down$/],
  'that throws at once': [
    {
      propose() {
        throw 'no connection';
      },
    },
    /^no connection$/,
  ],
  'that answers nothing': [{ propose: async () => undefined as never }, /./],
  'that drafts too much': [
    proposing(() => deterministicProposal([1, 2, 3, 4, 5])),
    /^invalid_proposal: 5 tokens drafted, \d asked for$/,
  ],
  'with another vocabulary': [proposing(() => deterministicProposal([50])), /outside the vocabulary of 50$/],
  'that claims NaN milliseconds': [
    { propose: async () => ({ proposal: EMPTY_PROPOSAL, computeMs: Number.NaN }) },
    /computeMs is NaN/,
  ],
};

for (const [name, [proposer, reason]] of Object.entries(FAILURES))
  test(`a draft ${name} changes no token and is named in every round that wanted one`, async () => {
    const { tokens, rounds } = await run({}, { proposer });
    assert.deepEqual(tokens, COUNTING);
    assert.equal(rounds[0]!.draftFailure, undefined);
    for (const round of rounds.slice(1, -1)) assert.match(round.draftFailure ?? 'none', reason);
    assert.equal(rounds.at(-1)!.draftFailure, undefined, 'the last token wants no draft');
  });

test('a draft in whose place another source drafted is reported, and the round teaches all the same', async () => {
  const outcomes: RoundOutcome[] = [];
  const gamma = {
    next: () => ({ maxTokens: 2, minConfidence: 0 }),
    observe: (o: RoundOutcome) => void outcomes.push(o),
  };
  const proposer: Proposer = {
    propose: async ({ tokens }, plan) => {
      const proposal = deterministicProposal(next(tokens, plan));
      return { proposal, computeMs: 1, instead: new AppError('unavailable', 'refused') };
    },
  };
  const { tokens, rounds } = await run({}, { proposer, gamma });
  assert.deepEqual(tokens, COUNTING);
  assert.equal(rounds[1]!.draftFailure, 'unavailable: refused');
  assert.equal(rounds[1]!.accepted, 2);
  assert.deepEqual(outcomes[0]!.drafted, 2);
});

test('a draft that never answers costs its deadline, not the generation', async () => {
  const { tokens, rounds } = await run({ maxTokens: 3 }, { proposer: hanging, draftDeadlineMs: 1 });
  assert.deepEqual(tokens, [8, 9, 10]);
  assert.equal(rounds[1]!.draftFailure, 'deadline_exceeded: no proposal within 1 ms');
});

test('a hostile failure text is cut short', async () => {
  const proposer: Proposer = { propose: () => Promise.reject(new Error('x'.repeat(1e6))) };
  const { rounds } = await run({}, { proposer });
  assert.equal(rounds[1]!.draftFailure!.length, 200);
});

test('a warm-up failure is reported once and the draft is used afterwards', async () => {
  let calls = 0;
  const proposer = proposing((sequence, plan) => {
    if (calls++ === 0) throw new Error('cold');
    return deterministicProposal(next(sequence.tokens, plan));
  });
  const { tokens, rounds } = await run({}, { proposer });
  assert.deepEqual(tokens, COUNTING);
  assert.deepEqual(
    rounds.map(({ draftFailure }) => draftFailure),
    [undefined, 'cold', undefined, undefined],
  );
});

test('the draft warms up on the prompt alone, beside the prefill', async () => {
  const events: string[] = [];
  const proposer = proposing(({ tokens }, plan) => {
    events.push(`propose ${tokens.length}`);
    return deterministicProposal(next(tokens, plan));
  });
  const verifier: DecodePorts['verifier'] = {
    verify(sequence, proposal, signal) {
      events.push(`verify ${sequence.tokens.length} + ${proposal.tokens.length}`);
      return counting.verify(sequence, proposal, signal);
    },
  };
  await run({ maxTokens: 3 }, { proposer, verifier });
  assert.deepEqual(events, ['propose 3', 'verify 3 + 0', 'propose 4', 'verify 4 + 1']);
});

test('an abort ends a wait for the draft or the target promptly, with the signal’s reason', async () => {
  const reason = new Error('client went away');
  const stuck: DecodePorts['verifier'] = { verify: () => new Promise(() => {}) };
  for (const ports of [{ verifier: stuck }, { proposer: hanging }]) {
    const controller = new AbortController();
    const running = run({}, ports, controller.signal);
    setImmediate(() => controller.abort(reason));
    await assert.rejects(running, reason);
  }
  await assert.rejects(run({}, {}, AbortSignal.abort(reason)), reason);
});

test('a warm-up still under way is cancelled when the consumer leaves', async () => {
  let signal: AbortSignal | undefined;
  const proposer: Proposer = {
    propose: (_sequence, _plan, given) => {
      signal = given;
      return new Promise(() => {});
    },
  };
  const ports = {
    verifier: counting,
    proposer,
    gamma: new ConstantGamma(4),
    draftDeadlineMs: 50,
    now: () => 0,
  };
  for await (const round of decode(REQUEST, ports, new AbortController().signal)) {
    assert.deepEqual(round.tokens, [8]);
    break;
  }
  assert.equal(signal!.aborted, true);
});

test('a failing verifier ends the generation with its own error', async () => {
  const error = new Error('device lost');
  await assert.rejects(run({}, { verifier: { verify: () => Promise.reject(error) } }), error);
});

test('the gamma controller learns the outcome of every round but the prefill', async () => {
  const outcomes: unknown[] = [];
  const computeMs: (number | undefined)[] = [];
  const gamma = {
    next: () => ({ maxTokens: 2, minConfidence: 0 }),
    observe: ({ load, ...outcome }: RoundOutcome) => {
      computeMs.push(load?.computeMs);
      outcomes.push(outcome);
    },
  };
  await run({ maxTokens: 5 }, { proposer: perfect, gamma });
  const times = { confidences: [], draftMs: 0, restMs: 0 };
  assert.deepEqual(outcomes, [
    { drafted: 2, accepted: 2, ...times },
    { drafted: 0, accepted: 0, ...times },
  ]);
  assert.deepEqual(computeMs, [3, 3]);
});

test('times and compute times are told apart', async () => {
  let clock = 0;
  const { rounds } = await run({ maxTokens: 3 }, { proposer: perfect, now: () => clock++ });
  assert.deepEqual(rounds[1], {
    tokens: [9, 10],
    drafted: 1,
    accepted: 1,
    draftMs: 1,
    verifyMs: 1,
    totalMs: 3,
    draftComputeMs: 1,
    verifyComputeMs: 3,
    cachedTokens: 3,
    finishReason: 'length',
  });
});

for (const [name, request, code] of [
  ['no prompt', { promptTokens: [] }, 'invalid_argument'],
  ['max_tokens 0', { maxTokens: 0 }, 'invalid_argument'],
  ['a prompt as long as the context', { contextLength: 3 }, 'context_length_exceeded'],
] as const)
  test(`${name} is refused before the first round`, async () => {
    await assert.rejects(run(request), { name: 'AppError', code });
  });
