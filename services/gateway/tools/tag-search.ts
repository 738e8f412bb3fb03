// Looks for a tag in text that comes in pieces. White space before the tag belongs to the tag.
import { isJsonSpace } from './json-value.js';

export type TagResult =
  /** No tag so far. */
  | { readonly text: string; readonly opening: undefined }
  /** `opening`: the tag and the white space before it; `rest`: what follows it. */
  | { readonly text: string; readonly opening: string; readonly rest: string };

export class TagSearch {
  #held = '';

  /** Only the tag's first character may be what it begins with; an empty tag is never found. */
  constructor(private readonly tag: string) {}

  push(text: string): TagResult {
    if (this.tag === '') return { text, opening: undefined };
    const all = this.#held + text;
    const at = all.indexOf(this.tag);
    if (at === -1) {
      const safe = spaceBefore(all, all.length - this.#begunLength(all));
      this.#held = all.slice(safe);
      return { text: all.slice(0, safe), opening: undefined };
    }
    this.#held = '';
    const from = spaceBefore(all, at);
    const end = at + this.tag.length;
    return { text: all.slice(0, from), opening: all.slice(from, end), rest: all.slice(end) };
  }

  /** What was held back, when no more text comes. */
  flush(): string {
    const held = this.#held;
    this.#held = '';
    return held;
  }

  /** Length of the part of the tag that the text ends with. */
  #begunLength(text: string): number {
    const at = text.lastIndexOf(this.tag[0]!);
    return at !== -1 && this.tag.startsWith(text.slice(at)) ? text.length - at : 0;
  }
}

/** Where the white space that ends at `end` begins. */
function spaceBefore(text: string, end: number): number {
  let from = end;
  while (from > 0 && isJsonSpace(text[from - 1]!)) from--;
  return from;
}
