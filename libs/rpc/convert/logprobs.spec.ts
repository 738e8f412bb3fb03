import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MAX_MESSAGE_BYTES, MAX_TOP_LOGPROBS } from '../limits.js';
import { protocol } from '../load.js';
import type { GenerateRequest, GenerateResponse } from '../messages.js';
import { GENERATE_REQUEST, responseOf } from '../testing.js';
import {
  generateRequestFromWire,
  generateRequestToWire,
  generateResponseFromWire,
  generateResponseToWire,
} from './generate.js';

const { Generate } = protocol().verifier;
const requestBytes = (request: GenerateRequest) => Generate.requestSerialize(generateRequestToWire(request));
const responseBytes = (response: GenerateResponse) =>
  Generate.responseSerialize(generateResponseToWire(response));
const received = (bytes: Buffer) => generateResponseFromWire(Generate.responseDeserialize(bytes));

const ENTRY = { logprob: -0.25, topIds: [4, 2], topLogprobs: [-0.25, -2] };
const NO_TOP = { logprob: 0, topIds: [], topLogprobs: [] };

test('a request for 0 alternatives is not a request for no logprobs', () => {
  for (const asked of [{}, { logprobs: 0 }, { promptLogprobs: 0 }, { logprobs: 20, promptLogprobs: 5 }]) {
    const request = { ...GENERATE_REQUEST, ...asked };
    const wire = Generate.requestDeserialize(requestBytes(request));
    assert.deepEqual(generateRequestFromWire(wire), request);
  }
});

test('the logprobs of a response survive the wire, with and without alternatives', () => {
  for (const response of [
    { ...responseOf([5, 6]), logprobs: [ENTRY, NO_TOP] },
    { ...responseOf([5]), logprobs: [NO_TOP], promptLogprobs: [ENTRY, ENTRY, NO_TOP] },
  ])
    assert.deepEqual(received(responseBytes(response)), response);
});

for (const field of ['logprobs', 'prompt_logprobs'] as const)
  test(`${field} of more than 20 alternatives are refused`, () => {
    const key = field === 'logprobs' ? 'logprobs' : 'promptLogprobs';
    const wire = Generate.requestDeserialize(requestBytes({ ...GENERATE_REQUEST, [key]: 21 }));
    assert.throws(() => generateRequestFromWire(wire), { code: 'invalid_argument', field });
  });

test('prompt logprobs that would not fit a message are refused with the longest prompt that has them', () => {
  const tokens = new Array<number>(20_000).fill(1);
  const request = { ...GENERATE_REQUEST, tokens, promptLength: tokens.length };
  const decode = (promptLogprobs: number) =>
    generateRequestFromWire(Generate.requestDeserialize(requestBytes({ ...request, promptLogprobs })));
  assert.equal(decode(0).promptLogprobs, 0);
  assert.throws(() => decode(20), {
    field: 'prompt_logprobs',
    message: /limited to prompts of 10699 tokens/,
  });
  const widest = {
    logprob: -1.5,
    topIds: new Array(20).fill(2 ** 32 - 1),
    topLogprobs: new Array(20).fill(-3),
  };
  const bytes = responseBytes({ ...responseOf([]), promptLogprobs: new Array(10_699).fill(widest) });
  assert.ok(bytes.length < MAX_MESSAGE_BYTES, `${bytes.length} bytes`);
});

const LIES: readonly [string, Partial<GenerateResponse>, string][] = [
  ['a positive logprob', { logprobs: [{ ...ENTRY, logprob: 0.5 }] }, 'logprobs.logprob'],
  ['a logprob that is no number', { logprobs: [{ ...ENTRY, logprob: Number.NaN }] }, 'logprobs.logprob'],
  [
    'an infinite alternative',
    { logprobs: [{ ...ENTRY, topLogprobs: [-1, Number.NEGATIVE_INFINITY] }] },
    'logprobs.top_logprobs',
  ],
  ['an id without its logprob', { logprobs: [{ ...ENTRY, topIds: [1, 2, 3] }] }, 'logprobs.top_logprobs'],
  [
    'too many alternatives',
    { logprobs: [{ ...ENTRY, topIds: new Array<number>(MAX_TOP_LOGPROBS + 1).fill(0) }] },
    'logprobs.top_ids',
  ],
  ['more logprobs than tokens', { logprobs: [ENTRY, ENTRY] }, 'logprobs'],
  [
    'an infinite prompt logprob',
    { promptLogprobs: [{ ...NO_TOP, logprob: Number.NEGATIVE_INFINITY }] },
    'prompt_logprobs.logprob',
  ],
];

for (const [lie, part, field] of LIES)
  test(`a response with ${lie} is refused`, () => {
    const bytes = responseBytes({ ...responseOf([5]), ...part });
    assert.throws(() => received(bytes), { code: 'invalid_argument', field });
  });
