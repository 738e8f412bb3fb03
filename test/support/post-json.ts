// One POST without any client's help: for bodies that no client would send.

/** What an answer may hold; tests look at what they expect. */
// biome-ignore lint/suspicious/noExplicitAny: the answer of any route
export type AnyJson = any;

export interface JsonAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: AnyJson;
}

/** A string is sent as it is. */
export async function postJson(
  url: string,
  body: unknown,
  headers: Record<string, string> = {},
): Promise<JsonAnswer> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
  return { status: response.status, headers: response.headers, body: await response.json() };
}
