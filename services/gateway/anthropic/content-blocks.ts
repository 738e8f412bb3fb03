// The content of an answer while it comes: blocks of text and calls of tools, and the events that tell of them.
// Order of events: https://platform.claude.com/docs/en/build-with-claude/streaming
import type { AnswerPiece } from '../tools/answer-piece.js';

export type MessageEvent = { readonly type: string } & Readonly<Record<string, unknown>>;

type Block =
  | { readonly type: 'text'; text: string }
  | { readonly type: 'tool_use'; readonly id: string; readonly name: string; input: string };

export class ContentBlocks {
  readonly #blocks: Block[] = [];
  #isOpen = false;

  /** The blocks as a whole answer shows them. */
  get content(): readonly object[] {
    return this.#blocks.map((block) =>
      block.type === 'text' ? { ...block } : { ...block, input: inputObject(block.input) },
    );
  }

  push(piece: AnswerPiece): readonly MessageEvent[] {
    const open = this.#isOpen ? this.#blocks.at(-1) : undefined;
    switch (piece.kind) {
      case 'text': {
        if (open?.type !== 'text') return [...this.#open({ type: 'text', text: '' }), ...this.push(piece)];
        open.text += piece.text;
        return [this.#delta({ type: 'text_delta', text: piece.text })];
      }
      case 'call': {
        const { name } = piece;
        const id = piece.id.replace(/^call_/, 'toolu_');
        return this.#open({ type: 'tool_use', id, name, input: '' });
      }
      case 'arguments': {
        if (open?.type !== 'tool_use') return [];
        open.input += piece.text;
        return [this.#delta({ type: 'input_json_delta', partial_json: piece.text })];
      }
      case 'end':
        return this.finish();
    }
  }

  /** Nothing more comes of the block that is open. */
  finish(): readonly MessageEvent[] {
    if (!this.#isOpen) return [];
    this.#isOpen = false;
    return [{ type: 'content_block_stop', index: this.#blocks.length - 1 }];
  }

  #open(block: Block): readonly MessageEvent[] {
    const closing = this.finish();
    const index = this.#blocks.push(block) - 1;
    this.#isOpen = true;
    const shown = block.type === 'text' ? { ...block } : { ...block, input: {} };
    return [...closing, { type: 'content_block_start', index, content_block: shown }];
  }

  #delta(delta: object): MessageEvent {
    return { type: 'content_block_delta', index: this.#blocks.length - 1, delta };
  }
}

/** A call that broke off holds no JSON: Anthropic's own advice for its text is this key. */
function inputObject(text: string): object {
  try {
    const value: unknown = text === '' ? {} : JSON.parse(text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value;
  } catch {}
  return { INVALID_JSON: text };
}
