// One text for values that mean the same: members of objects in the order of their names. For digests.

/** @param value what came from JSON or from a gRPC message; nested no deeper than those are let in. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(ordered(value)) ?? 'null';
}

function ordered(value: unknown): unknown {
  if (typeof value === 'bigint') return `${value}n`;
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(ordered);
  const members = value instanceof Map ? [...value.entries()] : Object.entries(value);
  // Pairs, not an object: names such as 1 or __proto__ would be put elsewhere.
  return { '': members.map(([name, member]) => [String(name), ordered(member)] as const).sort(byName) };
}

function byName([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
