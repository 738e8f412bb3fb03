// The output of a response while it comes: items (messages and calls of functions), and the events that tell of them.
// Order of events: https://platform.openai.com/docs/api-reference/responses-streaming
import type { AnswerPiece } from '../tools/answer-piece.js';
import { OutputCall, type OutputEvent, type OutputItem, OutputMessage } from './output-item.js';

export class OutputItems {
  readonly #items: OutputItem[] = [];
  #open: OutputMessage | OutputCall | undefined;

  /** `newId` makes the part of an item's id behind its prefix. */
  constructor(private readonly newId: () => string) {}

  /** The items as they are now. */
  get items(): readonly object[] {
    return this.#items.map((item) => item.shape());
  }

  push(piece: AnswerPiece): readonly OutputEvent[] {
    switch (piece.kind) {
      case 'text': {
        if (this.#open instanceof OutputMessage) return this.#open.push(piece.text);
        const message = new OutputMessage(`msg_${this.newId()}`, this.#items.length);
        return [...this.#replace(message), ...message.push(piece.text)];
      }
      case 'call': {
        const index = this.#items.length;
        return this.#replace(new OutputCall(`fc_${this.newId()}`, index, piece.id, piece.name));
      }
      case 'arguments':
        return this.#open instanceof OutputCall ? this.#open.push(piece.text) : [];
      case 'end':
        return this.#open instanceof OutputCall
          ? this.#close(piece.isBroken ? 'incomplete' : 'completed')
          : [];
    }
  }

  /** No more comes. An answer of nothing is one message of no text. */
  finish(status: 'completed' | 'incomplete'): readonly OutputEvent[] {
    if (this.#items.length > 0) return this.#close(status);
    const message = new OutputMessage(`msg_${this.newId()}`, 0);
    return [...this.#replace(message), ...this.#close(status)];
  }

  #replace(item: OutputMessage | OutputCall): readonly OutputEvent[] {
    const closing = this.#close('completed');
    this.#items.push(item);
    this.#open = item;
    return [...closing, ...item.open()];
  }

  #close(status: 'completed' | 'incomplete'): readonly OutputEvent[] {
    const events = this.#open?.close(status) ?? [];
    this.#open = undefined;
    return events;
  }
}
