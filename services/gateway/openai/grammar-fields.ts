// The fields that say what an answer must match: OpenAI's response_format, vLLM's structured_outputs and its older guided_*
// names, llama-server's grammar and json_schema. At most one of them may be set.
import { z } from 'zod';
import { AppError } from '#libs/errors/index.js';
import { type GrammarSpec, jsonProblem } from '#libs/grammar/index.js';
import { optionalField } from '../http/optional-field.js';

const MAX_NAME_LENGTH = 256;
const jsonObject = z.record(z.string(), z.unknown());
/** vLLM takes the text of a schema too. */
const schemaOrText = z.union([jsonObject, z.string()], { error: 'must be a JSON schema: an object' });
const choices = z.array(z.string());

/** Of a format `json_schema`; what the route calls it stands around it. */
export const schemaFormat = {
  name: optionalField(z.string().max(MAX_NAME_LENGTH)),
  description: optionalField(z.string()),
  strict: optionalField(z.boolean()),
  schema: jsonObject,
};

const responseFormat = z.discriminatedUnion(
  'type',
  [
    z.object({ type: z.literal('text') }),
    z.object({ type: z.literal('json_object') }),
    z.object({
      type: z.literal('json_schema'),
      json_schema: z.object(schemaFormat),
    }),
  ],
  { error: 'must be an object with type text, json_object or json_schema' },
);

export const grammarFields = {
  response_format: optionalField(responseFormat),
  structured_outputs: optionalField(
    z.object({
      json: optionalField(schemaOrText),
      json_object: optionalField(z.boolean()),
      regex: optionalField(z.string()),
      choice: optionalField(choices),
      grammar: optionalField(z.string()),
      structural_tag: optionalField(schemaOrText),
    }),
  ),
  guided_json: optionalField(schemaOrText),
  guided_regex: optionalField(z.string()),
  guided_choice: optionalField(choices),
  guided_grammar: optionalField(z.string()),
  json_schema: optionalField(jsonObject),
  grammar: optionalField(z.string()),
};

const grammarSchema = z.object(grammarFields);
type GrammarBody = Partial<z.infer<typeof grammarSchema>>;

export interface RequestedGrammar {
  readonly grammar: GrammarSpec;
  /** Where it was written. */
  readonly grammarField: string;
}

/** Throws `invalid_argument` that names the field at fault, or two that contradict each other. */
export function requestedGrammar(body: GrammarBody): RequestedGrammar | undefined {
  const [first, second] = candidates(body);
  if (second === undefined) return first;
  throw contradiction(first!.grammarField, second.grammarField);
}

export function contradiction(field: string, other: string | undefined): AppError {
  const message = `${field} and ${other}: only one may say what the answer must match; leave one out.`;
  return new AppError('invalid_argument', message, { field });
}

export function schemaGrammar(schema: object, strict: boolean, grammarField: string): RequestedGrammar {
  return { grammar: { kind: 'json_schema', schema: jsonText(schema, grammarField), strict }, grammarField };
}

function candidates(body: GrammarBody): RequestedGrammar[] {
  const { response_format: format, structured_outputs: outputs } = body;
  const found: RequestedGrammar[] = [];
  const add = (grammarField: string, grammar: GrammarSpec | undefined) => {
    if (grammar !== undefined) found.push({ grammar, grammarField });
  };
  if (format?.type === 'json_object') add('response_format', { kind: 'json_object' });
  if (format?.type === 'json_schema') {
    const { schema, strict } = format.json_schema;
    found.push(schemaGrammar(schema, strict ?? true, 'response_format.json_schema.schema'));
  }
  add('structured_outputs.json_object', outputs?.json_object ? { kind: 'json_object' } : undefined);
  add('structured_outputs.json', jsonSchema(outputs?.json, 'structured_outputs.json'));
  add('structured_outputs.regex', regex(outputs?.regex));
  add('structured_outputs.choice', choice(outputs?.choice));
  add('structured_outputs.grammar', ebnf(outputs?.grammar));
  const tag = outputs?.structural_tag;
  if (tag !== undefined) {
    const field = 'structured_outputs.structural_tag';
    add(field, { kind: 'structural_tag', tag: jsonText(tag, field) });
  }
  add('guided_json', jsonSchema(body.guided_json, 'guided_json'));
  add('guided_regex', regex(body.guided_regex));
  add('guided_choice', choice(body.guided_choice));
  add('guided_grammar', ebnf(body.guided_grammar));
  add('json_schema', jsonSchema(body.json_schema, 'json_schema'));
  // llama-server's clients send an empty one for none.
  add('grammar', ebnf(body.grammar || undefined));
  return found;
}

function jsonSchema(value: object | string | undefined, field: string): GrammarSpec | undefined {
  return value === undefined ? undefined : { kind: 'json_schema', schema: jsonText(value, field) };
}

function regex(pattern: string | undefined): GrammarSpec | undefined {
  return pattern === undefined ? undefined : { kind: 'regex', pattern };
}

function choice(texts: readonly string[] | undefined): GrammarSpec | undefined {
  return texts && { kind: 'choice', choices: texts };
}

function ebnf(grammar: string | undefined): GrammarSpec | undefined {
  return grammar === undefined ? undefined : { kind: 'ebnf', grammar };
}

/** Bounded before it is turned into text: that walks the value recursively. */
export function jsonText(value: object | string, field: string): string {
  if (typeof value === 'string') return value;
  const problem = jsonProblem(value);
  if (problem !== undefined) throw new AppError('invalid_argument', `${field}: ${problem}.`, { field });
  return JSON.stringify(value);
}
