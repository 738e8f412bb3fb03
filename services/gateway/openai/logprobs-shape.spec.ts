// Log probabilities against objects written by hand from OpenAI's reference and vLLM's prompt_logprobs.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Alternative, ScoredToken } from '../generation/scored-token.js';
import { chatLogprobs, completionLogprobs, promptLogprobs } from './logprobs-shape.js';

const alternative = (id: number, text: string, logprob: number): Alternative => ({
  id,
  text,
  bytes: Buffer.from(text),
  logprob,
});
const TOP = [alternative(5, 'b', -0.5), alternative(4, 'a', -1), alternative(9, 'c', -2)];
const FIRST: ScoredToken = { id: 3, text: 'Hi', bytes: Buffer.from('Hi'), logprob: null, top: [], offset: 0 };
const TOKEN: ScoredToken = { ...alternative(4, 'a', -1), top: TOP, offset: 2 };
/** The first byte of é, and nearly impossible. */
const PART: ScoredToken = {
  id: 7,
  text: '\ufffd',
  bytes: Uint8Array.of(0xc3),
  logprob: -1e38,
  top: [alternative(8, '\ufffd', -0.25), alternative(5, 'b', -3)],
  offset: 3,
};

test('chat names text, bytes and the likeliest alternatives; part of a character shows in its bytes', () => {
  const { content, refusal } = chatLogprobs([TOKEN, PART], 1);
  assert.equal(refusal, null);
  assert.deepEqual(content, [
    {
      token: 'a',
      logprob: -1,
      bytes: [97],
      top_logprobs: [{ token: 'b', logprob: -0.5, bytes: [98] }],
    },
    {
      token: '\ufffd',
      logprob: -9999,
      bytes: [0xc3],
      top_logprobs: [{ token: '\ufffd', logprob: -0.25, bytes: [0xef, 0xbf, 0xbd] }],
    },
  ]);
  assert.deepEqual(chatLogprobs([TOKEN], 0).content[0]!.top_logprobs, []);
});

test('completions have four arrays; the token itself is always among the alternatives', () => {
  assert.deepEqual(completionLogprobs([FIRST, TOKEN, PART], 1, 10), {
    tokens: ['Hi', 'a', '\ufffd'],
    token_logprobs: [null, -1, -9999],
    top_logprobs: [null, { a: -1, b: -0.5 }, { '\ufffd': -0.25 }],
    text_offset: [10, 12, 13],
  });
  assert.deepEqual(completionLogprobs([TOKEN], 0, 0).top_logprobs, [{ a: -1 }]);
});

test('prompt_logprobs are maps by token id; a rank is told where it is known', () => {
  assert.deepEqual(promptLogprobs([FIRST, TOKEN, PART], 1), [
    null,
    {
      4: { logprob: -1, rank: 2, decoded_token: 'a' },
      5: { logprob: -0.5, rank: 1, decoded_token: 'b' },
    },
    {
      7: { logprob: -9999, rank: null, decoded_token: '\ufffd' },
      8: { logprob: -0.25, rank: 1, decoded_token: '\ufffd' },
    },
  ]);
});
