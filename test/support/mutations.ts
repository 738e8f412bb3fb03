// Seeded damage to bytes and JSON values, for fuzzing: the same seed, the same input.

/** Numbers that break readers: around zero, around powers of two, not numbers at all. */
const NUMBERS = [0, -1, 1, 0.5, 1e308, -1e308, 2 ** 31, 2 ** 32, 2 ** 53, 1e15, Number.MIN_VALUE];
const TEXTS = [
  '',
  ' ',
  '\u0000',
  '\ud800',
  '../../x',
  'x'.repeat(5000),
  '__proto__',
  '💥',
  'null',
  '[',
  '{{',
  'é',
];
const VALUES: readonly unknown[] = [null, true, false, [], {}, [[]], { a: { b: [] } }, ...NUMBERS, ...TEXTS];

export type Random = () => number;

export function pick<T>(random: Random, list: readonly T[]): T {
  return list[Math.floor(random() * list.length)]!;
}

/** A copy with one to four wounds: bits flipped, lengths made huge, a piece cut out, the end cut off. */
export function mutatedBytes(random: Random, bytes: Uint8Array, within = bytes.length): Buffer {
  let copy = Buffer.from(bytes);
  for (let wounds = 1 + Math.floor(4 * random()); wounds > 0; wounds--) {
    const at = Math.floor(random() * Math.min(within, copy.length));
    const kind = Math.floor(5 * random());
    if (kind === 0) copy[at] = Math.floor(256 * random());
    else if (kind === 1) copy[at]! ^= 1 << Math.floor(8 * random());
    else if (kind === 2) copy.fill(0xff, at, Math.min(at + 8, copy.length));
    else if (kind === 3)
      copy = Buffer.concat([copy.subarray(0, at), copy.subarray(at + Math.floor(32 * random()))]);
    else copy = copy.subarray(0, at);
  }
  return copy;
}

/** A copy with one value, anywhere in it, replaced by a strange one, doubled or removed. */
export function mutatedJson(random: Random, value: unknown): unknown {
  const copy = structuredClone({ root: value });
  const places: [Record<string, unknown>, string][] = [];
  const collect = (holder: Record<string, unknown>) => {
    for (const key of Object.keys(holder)) {
      places.push([holder, key]);
      if (typeof holder[key] === 'object' && holder[key] !== null)
        collect(holder[key] as Record<string, unknown>);
    }
  };
  collect(copy);
  const [holder, key] = pick(random, places);
  const kind = random();
  if (kind < 0.1 && holder !== copy) delete holder[key];
  else if (kind < 0.2) holder[key] = [holder[key], holder[key]];
  else holder[key] = structuredClone(pick(random, VALUES));
  return copy.root;
}
