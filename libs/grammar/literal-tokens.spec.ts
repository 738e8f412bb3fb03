import assert from 'node:assert/strict';
import { test } from 'node:test';
import { GrammarFollower } from './grammar-follower.js';
import { LiteralTokens } from './literal-tokens.js';
import { packVocabulary } from './vocabulary.js';

const TEXTS = ['"', 'n', 'a', 'na', 'name', '":', ' ', '{', 'é', '"a'];
const bytes = TEXTS.map((text) => new TextEncoder().encode(text));
const vocabulary = packVocabulary([...bytes, new Uint8Array(0)], [TEXTS.length]);
const idsOf = (...texts: string[]) => texts.map((text) => TEXTS.indexOf(text));

test('a text never seen is cut into the longest tokens, as far as it is wanted and the vocabulary goes', () => {
  const literals = new LiteralTokens(vocabulary);
  assert.deepEqual(literals.draft('s', '"name": é', 9), {
    tokens: idsOf('"', 'name', '":', ' ', 'é'),
    confidences: [0.5, 0.5, 0.5, 0.5, 0.5],
  });
  assert.deepEqual(literals.draft('s', '"name"', 2).tokens, idsOf('"', 'name'));
  assert.deepEqual(literals.draft('s', '"nix"', 9).tokens, idsOf('"', 'n'));
  assert.deepEqual(literals.draft('s', '', 9).tokens, []);
});

test("the target's own cut is learnt, one slip does not undo it, and only its scope knows", () => {
  const literals = new LiteralTokens(vocabulary);
  const cut = idsOf('"', 'na', 'n');
  for (let i = 0; i < 4; i++) literals.learn('s', '"nana', idsOf('"', 'na', 'n', 'a', '{'));
  const { tokens, confidences } = literals.draft('s', '"nana', 9);
  assert.deepEqual(tokens, [...cut, ...idsOf('a')]);
  assert.ok(confidences.every((each) => each > 0.8));
  literals.learn('s', '"nana', idsOf('"', 'n'));
  assert.deepEqual(literals.draft('s', '"nana', 9).tokens, [...cut, ...idsOf('a')]);
  assert.deepEqual(literals.draft('another', '"nana', 9).tokens, idsOf('"', 'na', 'na'));
});

test('a token that goes beyond the text is the last that is drafted, and strange tokens do no harm', () => {
  const literals = new LiteralTokens(vocabulary);
  literals.learn('s', 'n"', idsOf('n', '"a', 'n'));
  assert.deepEqual(literals.draft('s', 'n"', 9).tokens, idsOf('n', '"a'));
  literals.learn('s', 'n', [TEXTS.length, 99]);
  assert.equal(literals.draft('s', 'n', 9).tokens.length, 1);
});

test('tokens agree with a text as far as they spell it, and behind it whatever they are', () => {
  const literals = new LiteralTokens(vocabulary);
  assert.equal(literals.agreeing('na":', idsOf('n', 'a', '":', 'é')), 4);
  assert.equal(literals.agreeing('"', idsOf('"a', 'é')), 2);
  assert.equal(literals.agreeing('na":', idsOf('n', 'n', 'a')), 1);
  assert.equal(literals.agreeing('n', [TEXTS.length, 1]), 0);
  assert.equal(literals.agreeing('', idsOf('é')), 1);
});

test('the follower tells what a grammar forces, once it is compiled, and nothing where there is a choice', async (t) => {
  const follower = new GrammarFollower({ vocabulary });
  t.after(() => follower.close());
  const spec = { kind: 'regex', pattern: 'na("name"|"é")' } as const;
  const at = (...texts: string[]) => ({ generationId: 'g', generated: idsOf(...texts) });
  assert.equal(await follower.literal(spec, at()), '');
  await follower.masks(spec, { ...at(), drafted: [], avoidEnd: false });
  assert.equal(await follower.literal(spec, at()), 'na"');
  assert.equal(await follower.literal(spec, at('na', '"')), '');
  assert.equal(await follower.literal(spec, at('na', '"', 'n')), 'ame"');
  assert.equal(await follower.literal(spec, at('n')), 'a"');
  await assert.rejects(follower.literal(spec, at('name')), { code: 'internal' });
});
