// What a log of training data holds, in a few lines.
import type { LoggedAnswer } from './logged-answer.js';

class Counts {
  answers = 0;
  drafted = 0;
  refused = 0;

  add({ rounds }: LoggedAnswer): void {
    this.answers++;
    for (const [drafted, accepted] of rounds) {
      this.drafted += drafted;
      this.refused += drafted - accepted;
    }
  }

  toString(): string {
    const share = this.drafted === 0 ? '' : ` (${((100 * this.refused) / this.drafted).toFixed(0)} %)`;
    return `${this.answers} answers, ${this.drafted} tokens drafted, ${this.refused} refused${share}`;
  }
}

export class LogSummary {
  readonly #all = new Counts();
  readonly #groups = new Map<string, Counts>();
  #bytes = 0;
  #kept = 0;
  #skipped = 0;
  #oldest: string | undefined;
  #newest: string | undefined;

  add(answer: LoggedAnswer, bytes: number, isKept: boolean): void {
    this.#bytes += bytes + 1;
    if (isKept) this.#kept++;
    this.#all.add(answer);
    const kind = answer.messages === undefined ? 'text' : 'chat';
    const group = `${kind}, ${temperatureRange(answer.temperature)}`;
    const counts = this.#groups.get(group) ?? new Counts();
    this.#groups.set(group, counts);
    counts.add(answer);
    const { at } = answer;
    if (at === undefined) return;
    if (this.#oldest === undefined || at < this.#oldest) this.#oldest = at;
    if (this.#newest === undefined || at > this.#newest) this.#newest = at;
  }

  /** A damaged line. */
  skip(bytes: number): void {
    this.#bytes += bytes + 1;
    this.#skipped++;
  }

  /** @param copy The file into which what was kept went. */
  text(file: string, copy: string | undefined): string {
    const lines = [`${file}: ${this.#all}, ${(this.#bytes / 1000).toFixed(1)} kB`];
    for (const name of [...this.#groups.keys()].sort()) lines.push(`  ${name}: ${this.#groups.get(name)}`);
    if (this.#oldest !== undefined) lines.push(`  from ${this.#oldest} to ${this.#newest}`);
    if (this.#skipped > 0) lines.push(`  ${this.#skipped} damaged lines left out`);
    if (copy !== undefined)
      lines.push(
        `${copy}: ${this.#kept} answers; train on them with python -m distill sample --traffic ${copy}`,
      );
    return `${lines.join('\n')}\n`;
  }
}

/** Ranges in which drafts fare alike. */
function temperatureRange(temperature: number): string {
  if (temperature === 0) return 'greedy';
  return temperature <= 0.7 ? 'temperature up to 0.7' : 'temperature above 0.7';
}
