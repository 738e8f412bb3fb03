// The requests of the sampling bench: each names the parameters it measures; the rest is greedy, so that the text, and
// with it the acceptance, stays as near to the baseline's as the parameter allows.

export interface SamplingFields {
  readonly temperature: number;
  readonly speculation?: object;
  readonly [field: string]: unknown;
}

export interface SamplingVariant {
  readonly name: string;
  readonly fields: SamplingFields;
}

/** Ends of texts would make short measurements of some variants. */
const ENDLESS = { ignore_eos: true };
const GREEDY = { temperature: 0, ...ENDLESS };
const SAMPLED = { temperature: 1, seed: 7, ...ENDLESS };
const mode = (verification: string) => ({ ...SAMPLED, speculation: { verification } });

const SCHEMA = {
  type: 'object',
  properties: {
    title: { type: 'string' },
    summary: { type: 'string' },
    tags: { type: 'array', items: { type: 'string' }, minItems: 3, maxItems: 5 },
    rating: { type: 'integer' },
  },
  required: ['title', 'summary', 'tags', 'rating'],
  additionalProperties: false,
};

/** The first one is the baseline. */
export const SAMPLING_VARIANTS: readonly SamplingVariant[] = [
  { name: 'greedy', fields: GREEDY },
  { name: 'sampled, ratio', fields: mode('ratio') },
  { name: 'sampled, block', fields: mode('block') },
  { name: 'sampled, coupled', fields: mode('coupled') },
  { name: 'top_k 40', fields: { ...SAMPLED, top_k: 40 } },
  { name: 'top_p 0.9', fields: { ...SAMPLED, top_p: 0.9 } },
  { name: 'min_p 0.05', fields: { ...SAMPLED, min_p: 0.05 } },
  { name: 'typical_p 0.9', fields: { ...SAMPLED, typical_p: 0.9 } },
  { name: 'frequency_penalty', fields: { ...GREEDY, frequency_penalty: 0.3 } },
  { name: 'presence_penalty', fields: { ...GREEDY, presence_penalty: 0.3 } },
  { name: 'repetition_penalty', fields: { ...GREEDY, repetition_penalty: 1.1 } },
  { name: 'logit_bias, 300 tokens', fields: { ...GREEDY, logit_bias: bias(300) } },
  { name: 'allowed_token_ids, 40,000', fields: { ...GREEDY, allowed_token_ids: firstIds(40_000) } },
  { name: 'bad_words, 20', fields: { ...GREEDY, bad_words: words(20) } },
  { name: 'min_tokens', fields: { temperature: 0, min_tokens: 48 } },
  { name: 'logprobs, top 5', fields: { ...GREEDY, logprobs: true, top_logprobs: 5 } },
  { name: 'stop, 4 strings', fields: { ...GREEDY, stop: words(4) } },
  { name: 'json_object', fields: { temperature: 0, response_format: { type: 'json_object' } } },
  {
    name: 'json_schema',
    fields: {
      temperature: 0,
      response_format: { type: 'json_schema', json_schema: { name: 'answer', strict: true, schema: SCHEMA } },
    },
  },
];

/** Of tokens that are rare in text, so that it stays as it would be. */
function bias(count: number): Record<string, number> {
  return Object.fromEntries(Array.from({ length: count }, (_, i) => [String(40_000 + i), -1]));
}

function firstIds(count: number): number[] {
  return Array.from({ length: count }, (_, i) => i);
}

function words(count: number): string[] {
  return Array.from({ length: count }, (_, i) => `unspeakable word ${i}`);
}
