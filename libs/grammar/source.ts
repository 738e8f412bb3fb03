// How each kind of grammar becomes the text that XGrammar compiles.
import type { CompiledGrammar, GrammarCompiler } from '@mlc-ai/web-xgrammar';
import type { GrammarSpec } from './grammar-spec.js';
import { OwnRules } from './own-rules.js';
import type { XGrammar } from './xgrammar.js';

/**
 * JSON comes on one line with ", " and ": ": free whitespace lets a small model loop on blanks, and bounded whitespace
 * makes compilation ten times slower (docs/decisions/0011).
 */
const ANY_WHITESPACE = false;
const NO_INDENT = -1;
const ANY_OBJECT = '{"type":"object"}';

export async function compileSpec(
  api: XGrammar,
  compiler: GrammarCompiler,
  spec: GrammarSpec,
): Promise<CompiledGrammar> {
  switch (spec.kind) {
    case 'json_object':
      return compiler.compileGrammar(await schemaGrammar(api, ANY_OBJECT, false));
    case 'json_schema':
      return compiler.compileGrammar(await schemaGrammar(api, spec.schema, spec.strict ?? true));
    case 'regex':
      return compiler.compileStructuralTag({
        type: 'structural_tag',
        format: { type: 'regex', pattern: spec.pattern },
      });
    case 'choice':
      return compiler.compileGrammar(`root ::= ${spec.choices.map(literal).join(' | ')}`);
    case 'ebnf':
      return compiler.compileGrammar(spec.grammar);
    case 'structural_tag':
      return compiler.compileStructuralTag(JSON.stringify(await withGrammars(api, JSON.parse(spec.tag))));
  }
}

/** EBNF of a JSON schema. */
async function schemaGrammar(api: XGrammar, schema: string, strict: boolean): Promise<string> {
  let mark = 'bounded';
  while (schema.includes(mark)) mark += '_';
  const rules = new OwnRules(mark);
  const rest = JSON.stringify(rules.takeFrom(JSON.parse(schema)));
  const ebnf = await api.Testings._jsonSchemaToEBNF(rest, ANY_WHITESPACE, NO_INDENT, undefined, strict);
  return rules.putBackInto(ebnf);
}

/** A structural tag in which every schema is its grammar, so that schemas mean the same everywhere. */
async function withGrammars(api: XGrammar, value: unknown): Promise<unknown> {
  if (Array.isArray(value)) return Promise.all(value.map((each) => withGrammars(api, each)));
  if (typeof value !== 'object' || value === null) return value;
  const { type, json_schema: schema } = value as Readonly<Record<string, unknown>>;
  if (type === 'json_schema' && schema !== undefined)
    return { type: 'grammar', grammar: await schemaGrammar(api, JSON.stringify(schema), true) };
  const entries = Object.entries(value).map(async ([key, each]) => [key, await withGrammars(api, each)]);
  return Object.fromEntries(await Promise.all(entries));
}

/** EBNF text of a constant. Everything but letters and digits is escaped, so that no text can end its own quotes. */
function literal(text: string): string {
  const escaped = Array.from(text, (character) =>
    /^[A-Za-z0-9]$/.test(character)
      ? character
      : `\\U${character.codePointAt(0)!.toString(16).padStart(8, '0')}`,
  );
  return `"${escaped.join('')}"`;
}
