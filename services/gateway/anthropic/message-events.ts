// The events of one streamed message, in order. One frame text a round.
import { AppError } from '#libs/errors/index.js';
import type { Generation, GenerationChunk } from '../generation/generation.js';
import { piecesOf } from '../http/answer-pieces.js';
import { sseEvent } from '../http/sse.js';
import { ContentBlocks, type MessageEvent } from './content-blocks.js';
import { messageDelta, messageStart } from './message-object.js';

export const PING_FRAME = sseEvent('ping', { type: 'ping' });

/** Throws what the generation throws, and `internal` when it has no end. */
export async function* messageFrames(generation: Generation): AsyncGenerator<string> {
  const blocks = new ContentBlocks();
  yield frames([messageStart(generation)]) + PING_FRAME;
  for await (const chunk of generation.chunks) {
    yield frames(eventsOf(chunk, blocks));
    if (chunk.summary !== undefined) return;
  }
  throw new AppError('internal', 'The generation ended without a summary.');
}

function eventsOf(chunk: GenerationChunk, blocks: ContentBlocks): readonly MessageEvent[] {
  const events = piecesOf(chunk).flatMap((piece) => blocks.push(piece));
  if (chunk.summary === undefined) return events;
  return [...events, ...blocks.finish(), messageDelta(chunk.summary), { type: 'message_stop' }];
}

function frames(events: readonly MessageEvent[]): string {
  return events.map((event) => sseEvent(event.type, event)).join('');
}
