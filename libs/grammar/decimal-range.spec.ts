import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Bound, integerRange, numberRange, type Range } from './decimal-range.js';

/** The same EBNF as a regular expression: only constants, classes, groups and repetition occur. */
const regexOf = (ebnf: string) =>
  new RegExp(
    `^(?:${ebnf.replace(/"([^"]*)"/g, (_, text: string) => `(?:${text.replace('.', '\\.')})`).replaceAll(' ', '')})$`,
  );

const within = (value: number, { low, high }: Range) =>
  (low === undefined || (low.inclusive ? value >= low.value : value > low.value)) &&
  (high === undefined || (high.inclusive ? value <= high.value : value < high.value));

const bound =
  (scale: number) =>
  (bounds: { readonly n: number; readonly inclusive: boolean }): Bound => ({
    value: bounds.n / scale,
    inclusive: bounds.inclusive,
  });
const bounds = (most: number) =>
  fc.option(fc.record({ n: fc.integer({ min: -most, max: most }), inclusive: fc.boolean() }), {
    nil: undefined,
  });

test('the integers in a range are those that count', () => {
  fc.assert(
    fc.property(bounds(1200), bounds(1200), fc.constantFrom(1, 2), (low, high, scale) => {
      const range: Range = { low: low && bound(scale)(low), high: high && bound(scale)(high) };
      const ebnf = integerRange(range);
      const accepts = ebnf === undefined ? /^(?!)/ : regexOf(ebnf);
      for (let value = -1300; value <= 1300; value++)
        assert.equal(
          accepts.test(String(value)),
          within(value, range),
          `${value} in ${JSON.stringify(range)}`,
        );
      for (const text of ['', '-', '-0', '00', '01', '1.0', '-01']) assert.ok(!accepts.test(text), text);
    }),
    { numRuns: 300 },
  );
});

test('the decimals in a range are those that count', () => {
  fc.assert(
    fc.property(bounds(400), bounds(400), fc.constantFrom(1, 10, 100), (low, high, scale) => {
      const range: Range = { low: low && bound(scale)(low), high: high && bound(scale)(high) };
      const ebnf = numberRange(range);
      const accepts = ebnf === undefined ? /^(?!)/ : regexOf(ebnf);
      for (let n = -4200; n <= 4200; n += 7) {
        for (const text of [String(n / 1000), (n / 100).toFixed(2), (n / 10).toFixed(3), String(n)]) {
          // There is no need for two zeros.
          if (Number(text) === 0 && text.startsWith('-')) continue;
          assert.equal(
            accepts.test(text),
            within(Number(text), range),
            `${text} in ${JSON.stringify(range)}`,
          );
        }
      }
      for (const text of ['', '-', '.', '1.', '.5', '00', '01', '1..0']) assert.ok(!accepts.test(text), text);
    }),
    { numRuns: 200 },
  );
});
