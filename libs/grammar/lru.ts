// A map that forgets what was used least recently.

export class Lru<Value> {
  readonly #entries = new Map<string, Value>();

  constructor(
    private readonly capacity: number,
    private readonly onForget: (value: Value) => void = () => {},
  ) {}

  get(key: string): Value | undefined {
    const value = this.#entries.get(key);
    if (value === undefined) return undefined;
    this.#entries.delete(key);
    this.#entries.set(key, value);
    return value;
  }

  set(key: string, value: Value): void {
    this.delete(key);
    this.#entries.set(key, value);
    if (this.#entries.size > this.capacity) this.delete(this.#entries.keys().next().value as string);
  }

  delete(key: string): void {
    const value = this.#entries.get(key);
    if (value === undefined) return;
    this.#entries.delete(key);
    this.onForget(value);
  }
}
