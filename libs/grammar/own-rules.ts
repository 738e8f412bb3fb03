// Takes out of a schema what XGrammar gets wrong: numbers with bounds, and strings with lengths (it lets control characters
// through, which are no JSON). A constant marks the place of each, and comes back as EBNF of our own.

import { jsonPattern } from './json-pattern.js';
import { BOUNDS, hasBounds, rangeText } from './numeric-bounds.js';
import { isNumeric, type Json, typesOf } from './schema-types.js';
import { boundsString, lengthText, STRING_LIMITS } from './string-bounds.js';
import { isObject, mapSubschemas } from './subschemas.js';

const LIMITS: ReadonlySet<string> = new Set([...BOUNDS, ...STRING_LIMITS]);

export class OwnRules {
  /** Name of the rule → its EBNF. */
  readonly #rules = new Map<string, string>();

  /** @param mark Text that occurs nowhere in the schema. */
  constructor(private readonly mark: string) {}

  /** The schema, which `schemaProblem` found nothing wrong with, with a constant in place of everything bounded. */
  takeFrom(schema: unknown): unknown {
    if (!isObject(schema)) return schema;
    if (hasBounds(schema) || boundsString(schema)) return this.#replaced(schema);
    return mapSubschemas(schema, (inner) => this.takeFrom(inner));
  }

  /** The grammar that XGrammar made of that schema, with our rules in it. */
  putBackInto(ebnf: string): string {
    let text = ebnf;
    for (const [rule, range] of this.#rules)
      text = `${text.replaceAll(`"\\"${rule}\\""`, rule)}\n${rule} ::= ${range}`;
    return text;
  }

  #replaced(schema: Json): unknown {
    const [first, ...others] = typesOf(schema).map((type) => {
      if (type === 'string' && typeof schema.pattern === 'string')
        return { type, pattern: jsonPattern(schema.pattern).pattern };
      const text = ruleText(type, schema);
      if (text === undefined) return { ...this.#plain(schema), type };
      const rule = `${this.mark}_${this.#rules.size}`;
      this.#rules.set(rule, text);
      return { const: rule };
    });
    return others.length === 0 ? first : { anyOf: [first, ...others] };
  }

  /** A schema for the other types, in which bounds mean nothing. */
  #plain(schema: Json): Json {
    const rest = Object.entries(schema).filter(([key]) => !LIMITS.has(key));
    return mapSubschemas(Object.fromEntries(rest), (inner) => this.takeFrom(inner));
  }
}

function ruleText(type: unknown, schema: Json): string | undefined {
  if (isNumeric(type) && hasBounds(schema)) return rangeText(type, schema);
  return type === 'string' && boundsString(schema) ? lengthText(schema) : undefined;
}
