// Whatever a schema's grammar lets through must satisfy the schema: random walks over the masks, judged by a validator
// that knows nothing of grammars.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { arbitrarySchema, type Schema, satisfies } from './arbitrary-schema.js';
import { Automaton } from './automaton.js';
import { maskRow } from './mask-rows.js';
import { packVocabulary } from './vocabulary.js';

// Whole characters only: XGrammar lets bytes through that are no UTF-8, which a model doesn't write.
const bytes = Array.from({ length: 128 }, (_, byte) => Uint8Array.of(byte));
const words = ['é', '日', '😀', 'true', 'null', ', "', '": ', '{"', '12', '99', '"}', '[[', 'ab', '.5'];
const END = bytes.length + words.length;
const tokens = [...bytes, ...words.map((word) => new TextEncoder().encode(word)), new Uint8Array(0)];
const automaton = new Automaton(packVocabulary(tokens, [END]));

let walks = 0;

/** Tokens drawn from the masks until the end; undefined if it doesn't come. */
async function walk(schema: Schema, choices: readonly number[]): Promise<string | undefined> {
  const generated: number[] = [];
  const generationId = String(walks++);
  for (const choice of choices) {
    const request = { generationId, generated, drafted: [], avoidEnd: false };
    const spec = { kind: 'json_schema', schema: JSON.stringify(schema) } as const;
    const row = maskRow(await automaton.masks(spec, request), 0)!;
    const allowed = tokens.flatMap((_, id) => ((row[id >>> 5]! >>> (id & 31)) & 1 ? [id] : []));
    assert.ok(allowed.length > 0, `${textOf(generated)} is a dead end of ${JSON.stringify(schema)}`);
    if (allowed.includes(END) && choice % 3 > 0) return textOf(generated);
    const going = allowed.filter((id) => id !== END);
    if (going.length === 0) return textOf(generated);
    // Ends of strings and objects are rare among all bytes, so they get a share of their own.
    const closing = going.filter((id) => ['"', '}', ']'].includes(textOf([id])));
    const pool = closing.length > 0 && choice % 2 === 0 ? closing : going;
    generated.push(pool[choice % pool.length]!);
  }
  return undefined;
}

const textOf = (ids: readonly number[]) => Buffer.concat(ids.map((id) => tokens[id]!)).toString();

test('every way through the masks of a schema is JSON that satisfies it', async () => {
  let finished = 0;
  await fc.assert(
    fc.asyncProperty(
      arbitrarySchema,
      fc.array(fc.nat(1_000_000), { minLength: 60, maxLength: 60, size: 'max' }),
      async (schema, choices) => {
        const text = await walk(schema, choices);
        if (text === undefined) return;
        finished++;
        assert.ok(satisfies(JSON.parse(text), schema), `${text} does not satisfy ${JSON.stringify(schema)}`);
      },
    ),
    { numRuns: 300 },
  );
  assert.ok(finished > 150, `only ${finished} walks came to an end`);
});
