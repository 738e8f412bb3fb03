// The JSON of answers, against objects written by hand from OpenAI's reference and vLLM's metrics.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AppError } from '#libs/errors/index.js';
import type { CompletedChoice } from '../generation/completed-choice.js';
import type { GenerationChunk, GenerationSummary } from '../generation/generation.js';
import { RoundTotals } from '../generation/round-totals.js';
import type { AnswerPiece } from '../tools/answer-piece.js';
import { chatShape } from './chat-shape.js';
import { completionShape } from './completion-shape.js';
import { errorBody } from './error-body.js';
import { answerMetrics, usageOf } from './usage.js';

function summary(): GenerationSummary {
  const totals = new RoundTotals(3);
  const times = {
    draftMs: 1,
    verifyMs: 2,
    totalMs: 4,
    draftComputeMs: 0.5,
    verifyComputeMs: 1.5,
    cachedTokens: 0,
  };
  totals.add({ drafted: 0, accepted: 0, ...times, totalMs: 40 });
  totals.add({ drafted: 3, accepted: 2, ...times });
  totals.add({ drafted: 0, accepted: 0, ...times, draftFailure: 'unavailable' });
  const timings = { timeToFirstTokenMs: 10, generationTimeMs: 30, meanItlMs: 20, tokensPerSecond: 133 };
  return {
    finishReason: 'length',
    promptTokens: 5,
    completionTokens: 4,
    cachedTokens: 2,
    queueMs: 0,
    failovers: 1,
    totals,
    timings,
  };
}

const ROUND = {
  drafted: 0,
  accepted: 0,
  draftMs: 0,
  verifyMs: 1,
  totalMs: 1,
  draftComputeMs: 0,
  verifyComputeMs: 1,
  cachedTokens: 0,
};

function chunk(text: string, last?: GenerationSummary): GenerationChunk {
  return { index: 0, text, tokens: [], scores: undefined, prompt: undefined, round: ROUND, summary: last };
}

function completed(text: string): CompletedChoice {
  return {
    index: 0,
    text,
    pieces: undefined,
    tokens: [],
    scores: undefined,
    prompt: undefined,
    summary: summary(),
  };
}

const CHAT = chatShape({ topLogprobs: undefined, promptLogprobs: undefined });
const COMPLETION = completionShape({ echo: false, logprobs: undefined, promptLogprobs: undefined });

test('chat chunks carry a delta, a whole answer a message', () => {
  const shape = CHAT.choice(2);
  assert.deepEqual(shape.pieces(chunk('a')), [
    { index: 2, delta: { content: 'a' }, logprobs: null, finish_reason: null },
  ]);
  assert.deepEqual(shape.pieces(chunk('')), []);
  assert.deepEqual(shape.pieces(chunk('', summary())), [
    { index: 2, delta: {}, logprobs: null, finish_reason: 'length' },
  ]);
  assert.deepEqual(shape.whole(completed('a')), {
    index: 2,
    message: { role: 'assistant', content: 'a', refusal: null },
    logprobs: null,
    finish_reason: 'length',
  });
  assert.deepEqual(CHAT.extras([completed('a')]), {});
});

test('completions carry plain text', () => {
  const choice = { index: 1, text: 'a', logprobs: null };
  const shape = COMPLETION.choice(1);
  assert.equal(shape.opening, undefined);
  assert.deepEqual(shape.pieces(chunk('')), []);
  assert.deepEqual(shape.pieces(chunk('a')), [{ ...choice, finish_reason: null }]);
  assert.deepEqual(shape.whole(completed('a')), { ...choice, finish_reason: 'length' });
});

test('usage adds up, and metrics are those of the rounds', () => {
  assert.deepEqual(usageOf([summary()]), {
    prompt_tokens: 5,
    completion_tokens: 4,
    total_tokens: 9,
    prompt_tokens_details: { cached_tokens: 2 },
  });
  assert.deepEqual(answerMetrics([summary()]), {
    time_to_first_token_ms: 10,
    queue_time_ms: 0,
    generation_time_ms: 30,
    mean_itl_ms: 20,
    tokens_per_second: 133,
    speculative_decoding: {
      mean_acceptance_length: 3,
      draft_acceptance_rate: 2 / 3,
      acceptance_histogram: [0, 0, 1, 0],
      num_spec_steps: 1,
      num_accepted_draft_tokens: 2,
      num_draft_tokens: 3,
      num_spec_tokens: 3,
    },
    outrider: {
      prefill_ms: 40,
      rounds: 2,
      draft_ms: 2,
      verify_ms: 4,
      draft_compute_ms: 1,
      verify_compute_ms: 3,
      total_ms: 8,
      mean_batch_size: 1,
      drafted_ahead: 0,
      draft_failures: 1,
      failovers: 1,
    },
  });
});

test('several choices add up their tokens, count each prompt once and have no metrics', () => {
  const four = [summary(), summary(), summary(), summary()];
  assert.deepEqual(usageOf(four, 2), {
    prompt_tokens: 10,
    completion_tokens: 16,
    total_tokens: 26,
    prompt_tokens_details: { cached_tokens: 4 },
  });
  assert.equal(answerMetrics(four), null);
});

test('an error has message, type, param and code; what an internal one says stays inside', () => {
  const error = new AppError('invalid_argument', 'top_p: too big.', { field: 'top_p' });
  assert.deepEqual(errorBody(error), {
    error: {
      message: 'top_p: too big.',
      type: 'invalid_request_error',
      param: 'top_p',
      code: 'invalid_argument',
    },
  });
  const { message, code } = errorBody(new AppError('internal', 'secret path')).error;
  assert.equal(code, 'internal');
  assert.doesNotMatch(message, /secret/);
});

test('calls are deltas of their own; log probabilities go with the first, which then has content', () => {
  const call = { index: 0, id: 'a', type: 'function', function: { name: 'f', arguments: '{}' } };
  const pieces: AnswerPiece[] = [
    { kind: 'call', index: 0, id: 'a', name: 'f' },
    { kind: 'arguments', index: 0, text: '{}' },
    { kind: 'end', index: 0 },
  ];
  const begun = { tool_calls: [{ ...call, function: { name: 'f', arguments: '' } }] };
  const given = { tool_calls: [{ index: 0, function: { arguments: '{}' } }] };
  const end: GenerationSummary = { ...summary(), finishReason: 'tool_calls' };
  const choice = { index: 0, logprobs: null, finish_reason: null };
  assert.deepEqual(CHAT.choice(0).pieces({ ...chunk('x', end), pieces }), [
    { ...choice, delta: begun },
    { ...choice, delta: given, finish_reason: 'tool_calls' },
  ]);
  const scored = chatShape({ topLogprobs: 0, promptLogprobs: undefined }).choice(0);
  const [first, second] = scored.pieces({ ...chunk('x'), scores: [], pieces }) as {
    [key: string]: unknown;
  }[];
  assert.deepEqual(first!.delta, { content: '', ...begun });
  assert.deepEqual([first!.logprobs, second!.logprobs], [{ content: [], refusal: null }, null]);
  const { index: _, ...whole } = call;
  assert.deepEqual(CHAT.choice(0).whole({ ...completed('x'), pieces, summary: end }), {
    index: 0,
    message: { role: 'assistant', content: null, refusal: null, tool_calls: [whole] },
    logprobs: null,
    finish_reason: 'tool_calls',
  });
});
