// What a generated text must match ↔ wire.
import type { GrammarSpec } from '#libs/grammar/index.js';
import type {
  Grammar__Output as WireGrammar,
  Grammar as WireGrammarInput,
} from '../generated/outrider/v1/Grammar.js';
import { MAX_GRAMMAR_BYTES, MAX_GRAMMAR_CHOICES } from '../limits.js';
import { atMost, invalid, present } from './check.js';

export function grammarToWire(spec: GrammarSpec): WireGrammarInput {
  switch (spec.kind) {
    case 'json_object':
      return { jsonObject: {} };
    case 'json_schema':
      return { jsonSchema: { schema: spec.schema, open: spec.strict === false } };
    case 'regex':
      return { regex: spec.pattern };
    case 'choice':
      return { choice: { choices: [...spec.choices] } };
    case 'ebnf':
      return { ebnf: spec.grammar };
    case 'structural_tag':
      return { structuralTag: spec.tag };
  }
}

export function grammarFromWire(wire: WireGrammar): GrammarSpec {
  switch (wire.kind) {
    case 'jsonObject':
      return { kind: 'json_object' };
    case 'jsonSchema': {
      const { schema, open } = present(wire.jsonSchema, 'grammar.json_schema');
      return { kind: 'json_schema', schema: text(schema, 'json_schema'), strict: !open };
    }
    case 'regex':
      return { kind: 'regex', pattern: text(wire.regex, 'regex') };
    case 'choice': {
      const { choices } = present(wire.choice, 'grammar.choice');
      return { kind: 'choice', choices: atMost(choices, MAX_GRAMMAR_CHOICES, 'grammar.choice') };
    }
    case 'ebnf':
      return { kind: 'ebnf', grammar: text(wire.ebnf, 'ebnf') };
    case 'structuralTag':
      return { kind: 'structural_tag', tag: text(wire.structuralTag, 'structural_tag') };
    default:
      throw invalid('grammar', 'is of no known kind.');
  }
}

function text(value: string | undefined, name: string): string {
  return atMost(present(value, `grammar.${name}`), MAX_GRAMMAR_BYTES, `grammar.${name}`);
}
