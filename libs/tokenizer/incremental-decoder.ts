// Token ids in, text out as soon as it is certain: bytes of an unfinished character wait for the next token.
// Constant work a token; the pieces of a text, however it was split, join to the text of the whole.
import type { TokenPiece } from './token-pieces.js';

/** What a decoder needs of its tokenizer. */
export interface PieceTable {
  /** undefined: the token adds nothing to the text. */
  pieceOf(id: number): TokenPiece | undefined;
  /** Spaces to drop where the text begins. */
  readonly leadingSpaces: number;
}

export class IncrementalDecoder {
  // With `stream`, TextDecoder keeps an unfinished character to itself, by the WHATWG encoding standard.
  readonly #utf8 = new TextDecoder('utf-8', { ignoreBOM: true });
  #spacesToDrop: number;

  constructor(private readonly table: PieceTable) {
    this.#spacesToDrop = table.leadingSpaces;
  }

  /** Text that became certain with these tokens; often empty within a character of several tokens. */
  push(ids: Iterable<number>): string {
    let text = '';
    for (const id of ids) {
      const piece = this.table.pieceOf(id);
      if (piece === undefined) continue;
      if (typeof piece === 'string') text += this.#utf8.decode() + piece;
      else text += this.#utf8.decode(piece, { stream: true });
    }
    return this.#dropSpaces(text);
  }

  /** What is still held back, as U+FFFD, when no more tokens come. */
  flush(): string {
    return this.#dropSpaces(this.#utf8.decode());
  }

  #dropSpaces(text: string): string {
    if (this.#spacesToDrop === 0 || text === '') return text;
    let dropped = 0;
    while (dropped < this.#spacesToDrop && text[dropped] === ' ') dropped++;
    this.#spacesToDrop = dropped === text.length ? this.#spacesToDrop - dropped : 0;
    return text.slice(dropped);
  }
}
