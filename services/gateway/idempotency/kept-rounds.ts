// The rounds of a journal as this gateway knows them, by choice.
import type { JournalEntry } from './journal-entry.js';

export class KeptRounds {
  readonly #choices: readonly JournalEntry[][];
  #last: JournalEntry | undefined;

  constructor(numChoices: number) {
    this.#choices = Array.from({ length: numChoices }, () => []);
  }

  get last(): JournalEntry | undefined {
    return this.#last;
  }

  add(entry: JournalEntry): void {
    this.#choices[entry.choice]!.push(entry);
    this.#last = entry;
  }

  /** Undefined: the choice has not come so far. */
  at(choice: number, index: number): JournalEntry | undefined {
    return this.#choices[choice]![index];
  }

  tokensOf(choice: number): number[] {
    return this.#choices[choice]!.flatMap(({ response }) => response.tokens);
  }
}
