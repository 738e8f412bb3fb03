// The pieces of one answer on their way to the client.
import type { Clock } from './clock.js';

export class Delivery {
  #underWay = 0;
  #firstMs: number | undefined;
  #lastMs = 0;
  #later = 0;
  #onArrival = () => {};

  constructor(private readonly clock: Clock) {}

  begun(): void {
    this.#underWay++;
  }

  arrived(tokens: number): void {
    this.#underWay--;
    if (this.#firstMs === undefined) this.#firstMs = this.clock.nowMs;
    else this.#later += tokens;
    this.#lastMs = this.clock.nowMs;
    this.#onArrival();
  }

  async below(most: number): Promise<void> {
    while (this.#underWay >= most)
      await this.clock.promise((keep) => {
        this.#onArrival = keep;
      });
  }

  get tokenMs(): number {
    return (this.#lastMs - (this.#firstMs ?? 0)) / this.#later;
  }
}
