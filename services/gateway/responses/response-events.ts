// The events of one streamed response, in order and numbered. One frame text a round.
import { AppError } from '#libs/errors/index.js';
import type { Generation, GenerationChunk } from '../generation/generation.js';
import { piecesOf } from '../http/answer-pieces.js';
import { sseEvent } from '../http/sse.js';
import { errorBody } from '../openai/error-body.js';
import type { OutputEvent } from './output-item.js';
import type { OutputItems } from './output-items.js';
import { isComplete, type ResponseObject } from './response-object.js';

export interface ResponseEventsOptions {
  readonly generation: Pick<Generation, 'chunks'>;
  readonly response: ResponseObject;
  readonly output: OutputItems;
}

export class ResponseEvents {
  #sequenceNumber = 0;

  constructor(private readonly options: ResponseEventsOptions) {}

  /** Throws what the generation throws, and `internal` when it has no end. */
  async *frames(): AsyncGenerator<string> {
    const { generation, response } = this.options;
    const begun = response.inProgress();
    yield this.#frames([
      { type: 'response.created', response: begun },
      { type: 'response.in_progress', response: begun },
    ]);
    for await (const chunk of generation.chunks) {
      yield this.#frames(this.#events(chunk));
      if (chunk.summary !== undefined) return;
    }
    throw new AppError('internal', 'The generation ended without a summary.');
  }

  /** What ends the stream instead. Some clients look for the one event, some for the other. */
  failed(error: AppError): string {
    const { message, param, code } = errorBody(error).error;
    const response = this.options.response.failed(this.options.output.items, error);
    return this.#frames([
      { type: 'error', code, message, param },
      { type: 'response.failed', response },
    ]);
  }

  #events(chunk: GenerationChunk): readonly OutputEvent[] {
    const { output, response } = this.options;
    const events = piecesOf(chunk).flatMap((piece) => output.push(piece));
    const { summary } = chunk;
    if (summary === undefined) return events;
    const status = isComplete(summary) ? 'completed' : 'incomplete';
    const closing = output.finish(status);
    const ended = response.ended(output.items, summary);
    return [...events, ...closing, { type: `response.${status}`, response: ended }];
  }

  #frames(events: readonly OutputEvent[]): string {
    return events
      .map((event) => sseEvent(event.type, { ...event, sequence_number: this.#sequenceNumber++ }))
      .join('');
  }
}
