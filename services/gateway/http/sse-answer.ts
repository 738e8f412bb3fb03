// Sends frames as one stream of server-sent events. Once the headers are out a failure can only be told in the stream.
import type { FastifyReply } from 'fastify';
import { AppError } from '#libs/errors/index.js';
import { evenly } from './even-stream.js';
import { processingMs } from './response-headers.js';
import { type SseOptions, SseStream } from './sse.js';

const KEEP_ALIVE_MS = 15_000;

export interface SseAnswer {
  /** One write each: all that belongs to a round in one. */
  readonly frames: AsyncIterable<string>;
  /** The frames that end a stream after a failure. */
  readonly failed: (error: AppError) => string;
  readonly options?: Partial<SseOptions>;
}

/** Never throws. A client that is gone is told nothing. */
export async function sendFrames(reply: FastifyReply, answer: SseAnswer): Promise<void> {
  reply.hijack();
  const { slowReaderMs, evenStream } = reply.server;
  const stream = new SseStream(reply.raw, { keepAliveMs: KEEP_ALIVE_MS, slowReaderMs, ...answer.options });
  try {
    const headers = reply.getHeaders() as Record<string, string>;
    stream.open({ ...headers, 'openai-processing-ms': processingMs(reply) });
    if (evenStream === undefined) {
      for await (const frames of answer.frames) if (frames !== '') await stream.send(frames);
    } else for await (const piece of evenly(answer.frames, evenStream)) await stream.send(piece);
    stream.end('');
  } catch (thrown) {
    const error = AppError.from(thrown);
    stream.end(error.code === 'cancelled' ? '' : answer.failed(error));
  }
}
