// How each kind of grammar is compiled.
import type { CompiledGrammar, GrammarCompiler } from '@mlc-ai/web-xgrammar';
import type { GrammarSpec } from './grammar-spec.js';

/**
 * JSON comes on one line with ", " and ": ": free whitespace lets a small model loop on blanks, and bounded whitespace
 * makes compilation ten times slower (docs/decisions/0011).
 */
const ANY_WHITESPACE = false;
const NO_INDENT = -1;

export function compileSpec(compiler: GrammarCompiler, spec: GrammarSpec): Promise<CompiledGrammar> {
  switch (spec.kind) {
    case 'json_object':
      return compiler.compileJSONSchema('{"type":"object"}', ANY_WHITESPACE, NO_INDENT, undefined, false);
    case 'json_schema':
      return compiler.compileJSONSchema(
        spec.schema,
        ANY_WHITESPACE,
        NO_INDENT,
        undefined,
        spec.strict ?? true,
      );
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
      return compiler.compileStructuralTag(spec.tag);
  }
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
