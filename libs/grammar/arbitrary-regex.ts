// Random regular languages over a, b, c, with their own decision procedure for tests: Brzozowski's derivatives (1964).
import fc from 'fast-check';

export type Regex =
  | { readonly kind: 'nothing' }
  | { readonly kind: 'empty' }
  | { readonly kind: 'letter'; readonly letter: string }
  | { readonly kind: 'then'; readonly first: Regex; readonly second: Regex }
  | { readonly kind: 'or'; readonly first: Regex; readonly second: Regex }
  | { readonly kind: 'many'; readonly inner: Regex };

const NOTHING: Regex = { kind: 'nothing' };
const EMPTY: Regex = { kind: 'empty' };

const then = (first: Regex, second: Regex): Regex => {
  if (first.kind === 'nothing' || second.kind === 'nothing') return NOTHING;
  if (first.kind === 'empty') return second;
  return second.kind === 'empty' ? first : { kind: 'then', first, second };
};
const or = (first: Regex, second: Regex): Regex => {
  if (first.kind === 'nothing') return second;
  return second.kind === 'nothing' || JSON.stringify(first) === JSON.stringify(second)
    ? first
    : { kind: 'or', first, second };
};

export const arbitraryRegex: fc.Arbitrary<Regex> = fc.letrec<{ regex: Regex }>((tie) => ({
  regex: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    fc.constantFrom('a', 'b', 'c').map((letter): Regex => ({ kind: 'letter', letter })),
    fc.tuple(tie('regex'), tie('regex')).map(([first, second]) => then(first, second)),
    fc.tuple(tie('regex'), tie('regex')).map(([first, second]) => or(first, second)),
    tie('regex').map((inner): Regex => ({ kind: 'many', inner })),
    tie('regex').map((inner) => or(inner, EMPTY)),
  ),
})).regex;

export function patternOf(regex: Regex): string {
  switch (regex.kind) {
    case 'nothing':
      throw new RangeError('No pattern matches nothing.');
    case 'empty':
      return '(a{0})';
    case 'letter':
      return regex.letter;
    case 'then':
      return `${patternOf(regex.first)}${patternOf(regex.second)}`;
    case 'or':
      if (regex.second.kind === 'empty') return `(${patternOf(regex.first)})?`;
      return `(${patternOf(regex.first)}|${patternOf(regex.second)})`;
    case 'many':
      return `(${patternOf(regex.inner)})*`;
  }
}

export function matchesEmpty(regex: Regex): boolean {
  switch (regex.kind) {
    case 'nothing':
    case 'letter':
      return false;
    case 'empty':
    case 'many':
      return true;
    case 'then':
      return matchesEmpty(regex.first) && matchesEmpty(regex.second);
    case 'or':
      return matchesEmpty(regex.first) || matchesEmpty(regex.second);
  }
}

/** What may follow the text; kind `nothing` if the text begins no word of the language. */
export function after(regex: Regex, text: string): Regex {
  return Array.from(text).reduce(derivative, regex);
}

function derivative(regex: Regex, letter: string): Regex {
  switch (regex.kind) {
    case 'nothing':
    case 'empty':
      return NOTHING;
    case 'letter':
      return regex.letter === letter ? EMPTY : NOTHING;
    case 'then': {
      const rest = then(derivative(regex.first, letter), regex.second);
      return matchesEmpty(regex.first) ? or(rest, derivative(regex.second, letter)) : rest;
    }
    case 'or':
      return or(derivative(regex.first, letter), derivative(regex.second, letter));
    case 'many':
      return then(derivative(regex.inner, letter), regex);
  }
}
