import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { GenerateRequest__Output as WireGenerate } from '../generated/outrider/v1/GenerateRequest.js';
import { MAX_FEATURE_BYTES, MAX_SEQUENCE_TOKENS } from '../limits.js';
import { protocol } from '../load.js';
import type { GenerateTextRequest } from '../messages.js';
import { GENERATE_REQUEST, MODEL_INFO, proposeRequest, ROUND } from '../testing.js';
import {
  generateRequestFromWire,
  generateRequestToWire,
  generateResponseFromWire,
  generateResponseToWire,
} from './generate.js';
import {
  textRequestFromWire,
  textRequestToWire,
  textResponseFromWire,
  textResponseToWire,
} from './generation.js';
import { proposeRequestFromWire, proposeRequestToWire } from './propose.js';
import { modelInfoFromWire, modelInfoToWire } from './sampling.js';

const { draft, verifier, generation } = protocol();
const wireGenerate = (): WireGenerate =>
  verifier.Generate.requestDeserialize(
    verifier.Generate.requestSerialize(generateRequestToWire(GENERATE_REQUEST)),
  );

test('a generate request survives the wire: 64-bit seed, exact doubles, endpoints', () => {
  assert.deepEqual(generateRequestFromWire(wireGenerate()), GENERATE_REQUEST);
});

test('a generate response survives the wire, with and without its optional parts', () => {
  for (const response of [
    { tokens: [5, 6], round: ROUND },
    {
      tokens: [],
      round: { ...ROUND, draftFailure: 'late', draftedAhead: 2 },
      finishReason: 'length' as const,
    },
  ]) {
    const bytes = verifier.Generate.responseSerialize(generateResponseToWire(response));
    assert.deepEqual(generateResponseFromWire(verifier.Generate.responseDeserialize(bytes)), response);
  }
});

test('a propose request survives the wire', () => {
  const request = { ...proposeRequest(2 ** 40, [9]), prefixLength: 3, minConfidence: 0.3, draftAhead: 5 };
  const bytes = draft.Propose.requestSerialize(proposeRequestToWire(request));
  assert.deepEqual(proposeRequestFromWire(draft.Propose.requestDeserialize(bytes)), request);
});

test('features survive the wire, beside a request and as what a model says of itself', () => {
  const features = { start: 2, values: Uint16Array.of(0x3c00, 0, 0xffff, 1) };
  const request = { ...proposeRequest(1, [1, 2, 3, 4]), features };
  const bytes = draft.Propose.requestSerialize(proposeRequestToWire(request));
  assert.deepEqual(proposeRequestFromWire(draft.Propose.requestDeserialize(bytes)), request);
  for (const info of [MODEL_INFO, { ...MODEL_INFO, features: { layers: [2, 15, 27], width: 1728 } }]) {
    const sent = draft.GetModelInfo.responseSerialize(modelInfoToWire(info));
    assert.deepEqual(modelInfoFromWire(draft.GetModelInfo.responseDeserialize(sent)), info);
  }
});

test('features that no request may bring are refused before they are copied', () => {
  const lies = {
    features: [{ features: Buffer.alloc(3) }, { features: Buffer.alloc(MAX_FEATURE_BYTES + 2) }],
    features_start: [{ features: Buffer.alloc(2), featuresStart: 4 }],
  };
  for (const [field, changes] of Object.entries(lies))
    for (const change of changes) {
      const wire = { ...proposeRequestToWire(proposeRequest(1, [1, 2, 3])), ...change };
      const read = draft.Propose.requestDeserialize(draft.Propose.requestSerialize(wire));
      assert.throws(() => proposeRequestFromWire(read), { code: 'invalid_argument', field });
    }
  for (const [field, layout] of Object.entries({
    'features.width': { layers: [0], width: 2 ** 31 },
    'features.layers': { layers: new Array<number>(1000).fill(0), width: 2 },
  })) {
    const bytes = draft.GetModelInfo.responseSerialize({ features: layout });
    const wire = draft.GetModelInfo.responseDeserialize(bytes);
    assert.throws(() => modelInfoFromWire(wire), { code: 'invalid_argument', field });
  }
});

const TEXT_REQUEST: GenerateTextRequest = {
  model: 'm',
  input: { messages: [{ role: 'user', content: 'hi' }] },
  sampling: { temperature: 0, topK: 0, topP: 1 },
  maxTokens: 0,
  stop: ['\n\n'],
  speculation: { enabled: false, numSpeculativeTokens: 4, method: 'draft_model', optimistic: 'on' },
  sessionId: '',
  priority: -7,
};

test('a public request survives the wire, as chat and as prompt; a seed of 0 is not an unset seed', () => {
  for (const request of [
    TEXT_REQUEST,
    { ...TEXT_REQUEST, input: { prompt: '' }, sampling: { ...TEXT_REQUEST.sampling, seed: 0n } },
  ]) {
    const bytes = generation.Generate.requestSerialize(textRequestToWire(request));
    assert.deepEqual(textRequestFromWire(generation.Generate.requestDeserialize(bytes)), request);
  }
});

test('an empty public request says that input is missing; with a prompt all the rest has defaults', () => {
  const wire = generation.Generate.requestDeserialize(Buffer.alloc(0));
  assert.throws(() => textRequestFromWire(wire), { code: 'invalid_argument', field: 'input' });
  const bytes = generation.Generate.requestSerialize({ prompt: 'once' });
  const request = textRequestFromWire(generation.Generate.requestDeserialize(bytes));
  assert.deepEqual(request.sampling, { temperature: 0, topK: 0, topP: 1 });
  assert.deepEqual(request.speculation, { enabled: true, numSpeculativeTokens: 0, method: '' });
});

test('a public response survives the wire, with and without its optional parts', () => {
  for (const response of [
    { text: 'a', tokens: [1] },
    {
      text: '',
      tokens: [],
      round: ROUND,
      finishReason: 'stop' as const,
      usage: { promptTokens: 1, completionTokens: 2, cachedTokens: 0 },
    },
  ]) {
    const bytes = generation.Generate.responseSerialize(textResponseToWire(response));
    assert.deepEqual(textResponseFromWire(generation.Generate.responseDeserialize(bytes)), response);
  }
});

const SAMPLING = wireGenerate().sampling!;
const LIES: readonly [string, Partial<WireGenerate>, string][] = [
  ['no sampling', { sampling: null }, 'sampling'],
  [
    'a temperature that is no number',
    { sampling: { ...SAMPLING, temperature: Number.NaN } },
    'sampling.temperature',
  ],
  ['an infinite temperature', { sampling: { ...SAMPLING, temperature: 1 / 0 } }, 'sampling.temperature'],
  ['a top_p above 1', { sampling: { ...SAMPLING, topP: 1.5 } }, 'sampling.top_p'],
  ['a session id of a megabyte', { sessionId: 'x'.repeat(1 << 20) }, 'session_id'],
  ['too many tokens', { tokens: new Array<number>(MAX_SEQUENCE_TOKENS + 1).fill(0) }, 'tokens'],
  ['max_tokens beyond any context', { maxTokens: 0xffffffff }, 'max_tokens'],
  ['a draft endpoint with a scheme', { draftEndpoints: ['unix:/run/secret.sock'] }, 'draft_endpoints'],
  ['a draft endpoint without a port', { draftEndpoints: ['host'] }, 'draft_endpoints'],
  ['a draft endpoint with port 0', { draftEndpoints: ['host:0'] }, 'draft_endpoints'],
  ['a hundred draft endpoints', { draftEndpoints: new Array(100).fill('a:1') }, 'draft_endpoints'],
];

for (const [lie, change, field] of LIES)
  test(`a generate request with ${lie} is refused`, () => {
    const wire = { ...wireGenerate(), ...change };
    assert.throws(() => generateRequestFromWire(wire), { code: 'invalid_argument', field });
  });

test('a sampling message without a seed is refused between services', () => {
  const { seed: _, ...seedless } = SAMPLING;
  const wire = { ...wireGenerate(), sampling: seedless };
  assert.throws(() => generateRequestFromWire(wire), { code: 'invalid_argument', field: 'sampling.seed' });
});

test('a round number beyond 2^53 is refused: it could not be echoed exactly', () => {
  const bytes = draft.Propose.requestSerialize({ round: '9007199254740993' });
  const wire = draft.Propose.requestDeserialize(bytes);
  assert.throws(() => proposeRequestFromWire(wire), { code: 'invalid_argument', field: 'round' });
});

test('a prefix and tokens that together pass the cap are refused', () => {
  const wire = draft.Propose.requestDeserialize(
    draft.Propose.requestSerialize({ prefixLength: MAX_SEQUENCE_TOKENS, tokens: [1] }),
  );
  assert.throws(() => proposeRequestFromWire(wire), { code: 'invalid_argument', field: 'tokens' });
});
