// A counter whose one label takes a fixed set of values. Prometheus keeps a series for each value for ever, so a
// value that a peer can choose would be a memory leak: anything unknown is counted as "other".
import { Counter, type Registry } from 'prom-client';

export interface BoundedCounterOptions<Value extends string> {
  readonly name: string;
  readonly help: string;
  readonly labelName: string;
  readonly values: readonly Value[];
  readonly register: Registry;
}

export class BoundedCounter<Value extends string> {
  readonly #counter: Counter;
  readonly #labelName: string;
  readonly #values: ReadonlySet<string>;

  constructor({ name, help, labelName, values, register }: BoundedCounterOptions<Value>) {
    this.#counter = new Counter({ name, help, labelNames: [labelName], registers: [register] });
    this.#labelName = labelName;
    this.#values = new Set(values);
    // Series that exist from the start let rate() see their first increase.
    for (const value of values) this.#counter.inc({ [labelName]: value }, 0);
  }

  inc(value: Value, amount = 1): void {
    this.#counter.inc({ [this.#labelName]: this.#values.has(value) ? value : 'other' }, amount);
  }
}
