// One item of a response's output, as it grows: its own shape, and the events that tell of it.

/** An event without its sequence number. */
export type OutputEvent = { readonly type: string } & Readonly<Record<string, unknown>>;

export type ItemStatus = 'in_progress' | 'completed' | 'incomplete';

export interface OutputItem {
  open(): readonly OutputEvent[];
  push(text: string): readonly OutputEvent[];
  close(status: ItemStatus): readonly OutputEvent[];
  /** The item as it is now. */
  shape(): object;
}

/** A message of one part of text. */
export class OutputMessage implements OutputItem {
  #status: ItemStatus = 'in_progress';
  #isOpen = false;
  #text = '';

  constructor(
    private readonly id: string,
    private readonly index: number,
  ) {}

  open(): readonly OutputEvent[] {
    const added = { type: 'response.output_item.added', output_index: this.index, item: this.shape() };
    this.#isOpen = true;
    return [added, { type: 'response.content_part.added', ...this.#place(), part: this.#part() }];
  }

  push(delta: string): readonly OutputEvent[] {
    this.#text += delta;
    return [{ type: 'response.output_text.delta', ...this.#place(), delta, logprobs: [] }];
  }

  close(status: ItemStatus): readonly OutputEvent[] {
    this.#status = status;
    return [
      { type: 'response.output_text.done', ...this.#place(), text: this.#text, logprobs: [] },
      { type: 'response.content_part.done', ...this.#place(), part: this.#part() },
      { type: 'response.output_item.done', output_index: this.index, item: this.shape() },
    ];
  }

  shape(): object {
    const content = this.#isOpen ? [this.#part()] : [];
    return { id: this.id, type: 'message', status: this.#status, role: 'assistant', content };
  }

  #part(): object {
    return { type: 'output_text', text: this.#text, annotations: [], logprobs: [] };
  }

  #place() {
    return { item_id: this.id, output_index: this.index, content_index: 0 };
  }
}

/** A call of a function that the client offered. */
export class OutputCall implements OutputItem {
  #status: ItemStatus = 'in_progress';
  #arguments = '';

  constructor(
    private readonly id: string,
    private readonly index: number,
    private readonly callId: string,
    private readonly name: string,
  ) {}

  open(): readonly OutputEvent[] {
    return [{ type: 'response.output_item.added', output_index: this.index, item: this.shape() }];
  }

  push(delta: string): readonly OutputEvent[] {
    this.#arguments += delta;
    return [{ type: 'response.function_call_arguments.delta', ...this.#place(), delta }];
  }

  close(status: ItemStatus): readonly OutputEvent[] {
    this.#status = status;
    const done = { type: 'response.function_call_arguments.done', ...this.#place() };
    return [
      { ...done, name: this.name, arguments: this.#arguments },
      { type: 'response.output_item.done', output_index: this.index, item: this.shape() },
    ];
  }

  shape(): object {
    const { id, callId, name } = this;
    const text = this.#arguments;
    return { id, type: 'function_call', status: this.#status, call_id: callId, name, arguments: text };
  }

  #place() {
    return { item_id: this.id, output_index: this.index };
  }
}
