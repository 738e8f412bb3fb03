// A pattern for the text of a string, turned into one for the string in JSON: there quotes, backslashes and control characters
// are written with a backslash, and a wildcard must not stand for them. XGrammar takes the pattern as it is.

/** Not allowed in a JSON string as they are. */
const UNSAFE = '\\u0000-\\u001f"\\\\';
const WILDCARDS: Readonly<Record<string, string>> = {
  '.': `[^${UNSAFE}]`,
  '\\S': `[^ ${UNSAFE}]`,
  '\\W': `[^A-Za-z0-9_${UNSAFE}]`,
  '\\D': `[^0-9${UNSAFE}]`,
};
const WRITTEN: Readonly<Record<string, string>> = {
  '"': '(?:\\\\")',
  '\\"': '(?:\\\\")',
  '\\\\': '(?:\\\\\\\\)',
  '\\n': '(?:\\\\n)',
  '\\t': '(?:\\\\t)',
  '\\r': '(?:\\\\r)',
  '\\f': '(?:\\\\f)',
  '\\/': '/',
  '\\s': ' ',
};
/** A class, an escape (\\x41, \\u0041 and \\u{41} with their digits), or one character. */
const PART =
  /\[(?:[^\]\\]|\\[\s\S])*\]|\\(?:x[0-9A-Fa-f]{2}|u[0-9A-Fa-f]{4}|u\{[0-9A-Fa-f]+\}|[\s\S])|[\s\S]/gu;

export interface JsonPattern {
  readonly pattern: string;
  readonly problem: string | undefined;
}

export function jsonPattern(pattern: string): JsonPattern {
  let problem: string | undefined;
  const text = pattern.replace(PART, (part) => {
    const known = WILDCARDS[part] ?? WRITTEN[part];
    if (known !== undefined) return known;
    const unsafe = part.startsWith('[') ? classProblem(part) : isControl(part) || /^\\[xu]/.test(part);
    if (unsafe)
      problem ??= `has a pattern with ${part.slice(0, 40)}, which is not supported in a JSON string`;
    if (!part.startsWith('[^')) return part;
    return `[^${UNSAFE}${part.slice(2).replace(/^-/, '\\-')}`;
  });
  return { pattern: text, problem };
}

/** A class that isn't negated must not hold what is written with a backslash; a negated one may exclude anything. */
function classProblem(part: string): boolean {
  if (part.startsWith('[^')) return false;
  const inside = part.slice(1, -1);
  // Escapes of punctuation stand for themselves; \\d and \\w are safe too.
  const escapes = inside.match(/\\[\s\S]/gu) ?? [];
  const plain = inside.replace(/\\[\s\S]/gu, '');
  return (
    escapes.some((each) => !/^\\[dw\-\][^$.*+?(){}|/]$/.test(each)) ||
    Array.from(plain).some((each) => each === '"' || isControl(each)) ||
    spansUnsafe(plain)
  );
}

/** Whether a range such as !-~ holds a quote or a backslash. */
function spansUnsafe(inside: string): boolean {
  return Array.from(inside.matchAll(/([\s\S])-([\s\S])/gu)).some(([, from, to]) =>
    ['"', '\\'].some((unsafe) => from! <= unsafe && unsafe <= to!),
  );
}

function isControl(part: string): boolean {
  return part.length === 1 && part < ' ';
}
