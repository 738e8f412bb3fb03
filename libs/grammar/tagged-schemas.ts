// JSON schemas inside a structural tag. XGrammar lets JSON there have any white space, on which a small model can loop, so
// they become EBNF as a schema on its own does.

/** The tag with each `json_schema` format replaced by the EBNF that `toEbnf` makes of its schema. */
export async function withoutSchemas(
  tag: string,
  toEbnf: (schema: string) => Promise<string>,
): Promise<string> {
  return JSON.stringify(await rewritten(JSON.parse(tag), toEbnf));
}

/** As deep as `jsonProblem` allows. */
async function rewritten(value: unknown, toEbnf: (schema: string) => Promise<string>): Promise<unknown> {
  if (Array.isArray(value)) {
    const items: unknown[] = [];
    for (const item of value) items.push(await rewritten(item, toEbnf));
    return items;
  }
  if (typeof value !== 'object' || value === null) return value;
  if ('type' in value && value.type === 'json_schema' && 'json_schema' in value)
    return { type: 'grammar', grammar: await toEbnf(JSON.stringify(value.json_schema)) };
  const entries: [string, unknown][] = [];
  for (const [key, inner] of Object.entries(value)) entries.push([key, await rewritten(inner, toEbnf)]);
  return Object.fromEntries(entries);
}
