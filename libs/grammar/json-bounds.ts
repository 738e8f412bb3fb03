// How large and how deep a JSON value is, without recursion: it comes from a client, and deep nesting would overflow the
// stack of whatever walks it, XGrammar's included.

export const MAX_TEXT_BYTES = 64 * 1024;
/** Beyond some 100 levels XGrammar's own stack overflows. */
const MAX_DEPTH = 64;
const MAX_VALUES = 8_192;

/** What is wrong; undefined for a value that may be turned into text. */
export function jsonProblem(value: unknown): string | undefined {
  let level: unknown[] = [value];
  let count = 0;
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > MAX_DEPTH) return `is nested deeper than ${MAX_DEPTH} levels`;
    count += level.length;
    if (count > MAX_VALUES) return `holds more than ${MAX_VALUES} values`;
    level = level.flatMap((each) => (typeof each === 'object' && each !== null ? Object.values(each) : []));
  }
  return undefined;
}
