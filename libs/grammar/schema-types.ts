// The `type` keyword of a schema.

export type Json = Readonly<Record<string, unknown>>;

export function typesOf({ type }: Json): unknown[] {
  return Array.isArray(type) ? type : [type];
}

export function isNumeric(type: unknown): boolean {
  return type === 'integer' || type === 'number';
}
