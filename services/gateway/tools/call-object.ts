// Reads one call, `{"name": "f", "arguments": {…}}`, character by character. The arguments can be taken while they come.
// Keys may stand in any order (Hermes has arguments first), others are skipped; Llama says parameters for arguments.
import { isJsonSpace, JsonValue, type ValueProgress } from './json-value.js';

const ARGUMENT_KEYS: ReadonlySet<string> = new Set(['arguments', 'parameters']);

type Expected = 'key or end' | 'key' | 'colon' | 'value' | 'comma or end';

/** `broken`: this is not, or no longer, a call. */
export type CallProgress = 'inside' | 'last' | 'broken';

export class CallObject {
  #expected: Expected = 'key or end';
  #value: JsonValue | undefined;
  /** Text of the key or value that is being read, or was read last. */
  #text = '';
  #key: string | undefined;
  #name: string | undefined;
  #hasArguments = false;
  #inArguments = false;
  #pending = '';

  /** Stands behind the opening brace. `names`: functions that may be called. */
  constructor(private readonly names: ReadonlySet<string>) {}

  /** The function, as soon as it is known that this is a call of it. */
  get called(): string | undefined {
    return this.#hasArguments ? this.#name : undefined;
  }

  /** The character that was read last belongs to the arguments. */
  get hasOpenArguments(): boolean {
    return this.#inArguments;
  }

  /** Text of the arguments since the last time. */
  takeArguments(): string {
    const taken = this.#pending;
    this.#pending = '';
    return taken;
  }

  push(character: string): CallProgress {
    this.#inArguments = false;
    if (this.#value !== undefined) return this.#inValue(this.#value, character);
    if (isJsonSpace(character)) return 'inside';
    switch (this.#expected) {
      case 'key or end':
      case 'key':
        if (character === '"') return this.#begin(character);
        return character === '}' && this.#expected === 'key or end' ? this.#end() : 'broken';
      case 'colon':
        this.#expected = 'value';
        return character === ':' ? 'inside' : 'broken';
      case 'value':
        if (this.#isArguments() && (character !== '{' || this.#hasArguments)) return 'broken';
        return this.#begin(character);
      case 'comma or end':
        this.#expected = 'key';
        if (character === ',') return 'inside';
        return character === '}' ? this.#end() : 'broken';
    }
  }

  #isArguments(): boolean {
    return this.#key !== undefined && ARGUMENT_KEYS.has(this.#key);
  }

  #begin(character: string): CallProgress {
    this.#value = new JsonValue();
    this.#text = '';
    if (this.#isArguments()) this.#hasArguments = true;
    return this.#inValue(this.#value, character);
  }

  #inValue(value: JsonValue, character: string): CallProgress {
    const progress: ValueProgress = value.push(character);
    if (progress === 'broken') return 'broken';
    if (progress !== 'after') {
      this.#inArguments = this.#isArguments();
      if (this.#inArguments) this.#pending += character;
      else this.#text += character;
    }
    if (progress === 'inside') return 'inside';
    this.#value = undefined;
    if (this.#key === undefined) {
      this.#key = parsedString(this.#text);
      this.#expected = 'colon';
      return this.#key === undefined ? 'broken' : 'inside';
    }
    if (this.#key === 'name' && !this.#readName()) return 'broken';
    this.#key = undefined;
    this.#expected = 'comma or end';
    return progress === 'after' ? this.push(character) : 'inside';
  }

  /** Once only: a second name would call another function than the one that was announced. */
  #readName(): boolean {
    if (this.#name !== undefined) return false;
    const name = parsedString(this.#text);
    if (name === undefined || !this.names.has(name)) return false;
    this.#name = name;
    return true;
  }

  #end(): CallProgress {
    if (this.#name === undefined) return 'broken';
    if (!this.#hasArguments) {
      this.#hasArguments = true;
      this.#pending = '{}';
    }
    return 'last';
  }
}

function parsedString(text: string): string | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'string' ? value : undefined;
  } catch {
    return undefined;
  }
}
