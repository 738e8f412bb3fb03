import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isTooDeep, MAX_JSON_DEPTH } from './json-parser.js';

const nested = (depth: number, open = '[', close = ']') => open.repeat(depth) + close.repeat(depth);

test('the deepest allowed body passes, one level more does not', () => {
  assert.equal(isTooDeep(nested(MAX_JSON_DEPTH)), false);
  assert.equal(isTooDeep(nested(MAX_JSON_DEPTH + 1)), true);
  assert.equal(isTooDeep(`${'{"a":'.repeat(MAX_JSON_DEPTH + 1)}1${'}'.repeat(MAX_JSON_DEPTH + 1)}`), true);
});

test('width is no depth, and brackets in strings are text', () => {
  assert.equal(isTooDeep(`[${Array.from({ length: 1000 }, () => '[{}]').join(',')}]`), false);
  assert.equal(isTooDeep(JSON.stringify({ text: nested(500, '{', ''), quote: `"\\${nested(500)}` })), false);
  assert.equal(isTooDeep(`{"a\\\\":${nested(MAX_JSON_DEPTH)}}`), true);
});
