// `text` of a Responses request: what the answer must match.
import { z } from 'zod';
import { optionalField } from '../http/optional-field.js';
import { type RequestedGrammar, schemaFormat, schemaGrammar } from '../openai/grammar-fields.js';

const format = z.discriminatedUnion(
  'type',
  [
    z.object({ type: z.literal('text') }),
    z.object({ type: z.literal('json_object') }),
    z.object({ type: z.literal('json_schema'), ...schemaFormat }),
  ],
  { error: 'must be an object of type "text", "json_object" or "json_schema"' },
);

export const textConfig = z.object({ format: optionalField(format) });

type Format = z.infer<typeof textConfig>['format'];

export function formatGrammar(chosen: Format): RequestedGrammar | undefined {
  switch (chosen?.type) {
    case 'json_object':
      return { grammar: { kind: 'json_object' }, grammarField: 'text.format' };
    case 'json_schema':
      return schemaGrammar(chosen.schema, chosen.strict ?? true, 'text.format.schema');
    default:
      return undefined;
  }
}
