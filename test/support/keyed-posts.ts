// Requests with an idempotency key, and a journal store whose gateway can be cut off from it.
import type { JournalStore } from '#libs/session/index.js';

export interface Posted {
  readonly status: number;
  /** What was found under the key; null if nothing was looked for. */
  readonly standing: string | null;
  readonly headers: Headers;
  readonly text: string;
}

export interface PostOptions {
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
  /** Told all the text so far, as it comes. */
  readonly onText?: (text: string) => void;
}

export async function postKeyed(
  url: string,
  key: string | undefined,
  body: object,
  { headers = {}, signal, onText = () => {} }: PostOptions = {},
): Promise<Posted> {
  const response = await fetch(url, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      ...(key !== undefined && { 'idempotency-key': key }),
      ...headers,
    },
    body: JSON.stringify(body),
    ...(signal && { signal }),
  });
  let text = '';
  const decoder = new TextDecoder();
  for await (const bytes of response.body!) {
    text += decoder.decode(bytes, { stream: true });
    onText(text);
  }
  const standing = response.headers.get('x-outrider-idempotency');
  return { status: response.status, standing, headers: response.headers, text };
}

/** One gateway's way to a store that others share; it is not closed with the gateway. */
export class StoreLink implements JournalStore {
  #healed: Promise<void> | undefined;
  #heal = () => {};
  #entriesLeft = Number.POSITIVE_INFINITY;

  constructor(private readonly store: JournalStore) {}

  /** Nothing gets through, and nothing says so, until it is healed: what was said meanwhile arrives late. */
  hang(): void {
    this.#healed ??= new Promise((resolve) => {
      this.#heal = resolve;
    });
  }

  /** Once so many entries have come through. */
  hangAfter(entries: number): void {
    this.#entriesLeft = entries;
  }

  get isHanging(): boolean {
    return this.#healed !== undefined;
  }

  heal(): void {
    this.#heal();
    this.#healed = undefined;
    this.#entriesLeft = Number.POSITIVE_INFINITY;
  }

  open: JournalStore['open'] = (...args) => this.#through(() => this.store.open(...args));
  read: JournalStore['read'] = (...args) => this.#through(() => this.store.read(...args));
  append: JournalStore['append'] = async (...args) => {
    if (this.#entriesLeft <= 0) this.hang();
    this.#entriesLeft -= args[3].length;
    return this.#through(() => this.store.append(...args));
  };
  end: JournalStore['end'] = (...args) => this.#through(() => this.store.end(...args));

  async close(): Promise<void> {}

  async #through<T>(call: () => Promise<T>): Promise<T> {
    await this.#healed;
    return call();
  }
}
