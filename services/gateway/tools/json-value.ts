// Finds where one JSON value ends, character by character. It follows strings and brackets; what else the value holds is
// not checked.

const CLOSER: Readonly<Record<string, string>> = { '{': '}', '[': ']' };

export function isJsonSpace(character: string): boolean {
  return character === ' ' || character === '\n' || character === '\r' || character === '\t';
}

/**
 * `inside`: the character belongs to the value. `last`: it is its last one. `after`: the value ended before it (only
 * numbers and words end so). `broken`: no value goes on like this.
 */
export type ValueProgress = 'inside' | 'last' | 'after' | 'broken';

export class JsonValue {
  readonly #closers: string[] = [];
  #began = false;
  #inString = false;
  #escaped = false;

  push(character: string): ValueProgress {
    if (this.#inString) return this.#string(character);
    if (character === '"') {
      if (this.#began && this.#closers.length === 0) return 'broken';
      this.#began = this.#inString = true;
      return 'inside';
    }
    const closer = CLOSER[character];
    if (closer !== undefined) {
      if (this.#began && this.#closers.length === 0) return 'broken';
      this.#began = true;
      this.#closers.push(closer);
      return 'inside';
    }
    return this.#closers.length > 0 ? this.#nested(character) : this.#bare(character);
  }

  #string(character: string): ValueProgress {
    if (this.#escaped) this.#escaped = false;
    else if (character === '\\') this.#escaped = true;
    else if (character === '"') {
      this.#inString = false;
      return this.#closers.length === 0 ? 'last' : 'inside';
    }
    return 'inside';
  }

  #nested(character: string): ValueProgress {
    if (character !== '}' && character !== ']') return 'inside';
    if (this.#closers.pop() !== character) return 'broken';
    return this.#closers.length === 0 ? 'last' : 'inside';
  }

  #bare(character: string): ValueProgress {
    const delimits = isJsonSpace(character) || character === ',' || character === '}' || character === ']';
    if (delimits) return this.#began ? 'after' : 'broken';
    this.#began = true;
    return 'inside';
  }
}
