// Sends one generation, whole or as a stream, in the shape of its route.
import { Inject, Injectable } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { AppError } from '#libs/errors/index.js';
import type { Generation, GenerationChunk, GenerationSummary } from '../generation/generation.js';
import { GenerationService } from '../generation/generation.service.js';
import type { GenerationRequest } from '../generation/generation-request.js';
import type { AnswerPiece } from '../tools/answer-piece.js';
import { callerOf } from './caller-of.js';
import { errorBody } from './error-body.js';
import { processingMs, setIgnoredFields } from './response-headers.js';
import type { ResponseOptions } from './response-options.js';
import type { ResponseShape } from './response-shape.js';
import { DONE_FRAME, type SseOptions, SseStream, sseFrame } from './sse.js';
import { metricsOf, usageOf } from './usage.js';

const SSE_OPTIONS: SseOptions = { keepAliveMs: 15_000, slowReaderMs: 60_000 };

@Injectable()
export class CompletionResponder {
  constructor(@Inject(GenerationService) private readonly generations: GenerationService) {}

  async respond(
    request: GenerationRequest,
    shape: ResponseShape,
    options: ResponseOptions,
    reply: FastifyReply,
  ): Promise<void> {
    const generation = await this.generations.start(request, callerOf(reply));
    setIgnoredFields(reply, options.ignoredFields);
    try {
      if (options.stream) await this.#stream(generation, shape, options.includeUsage, reply);
      else await this.#whole(generation, shape, reply);
    } finally {
      generation.close();
    }
  }

  async #whole(generation: Generation, shape: ResponseShape, reply: FastifyReply): Promise<void> {
    let text = '';
    let pieces: AnswerPiece[] | undefined;
    let summary: GenerationSummary | undefined;
    for await (const chunk of generation.chunks) {
      text += chunk.text;
      if (chunk.pieces !== undefined) {
        pieces ??= [];
        pieces.push(...chunk.pieces);
      }
      summary = chunk.summary;
    }
    if (summary === undefined) throw new AppError('internal', 'The generation ended without a summary.');
    await reply.send({
      ...envelope(generation, shape.object),
      choices: [shape.whole(text, summary, pieces)],
      usage: usageOf(summary),
      metrics: metricsOf(summary),
    });
  }

  /** Never throws once the headers are out: a failure then is an event of the stream, without [DONE]. */
  async #stream(
    generation: Generation,
    shape: ResponseShape,
    includeUsage: boolean,
    reply: FastifyReply,
  ): Promise<void> {
    reply.hijack();
    const stream = new SseStream(reply.raw, SSE_OPTIONS);
    try {
      stream.open({ ...reply.getHeaders(), 'openai-processing-ms': processingMs(reply) } as Record<
        string,
        string
      >);
      stream.end(await this.#sendChunks(stream, generation, shape, includeUsage));
    } catch (thrown) {
      const error = AppError.from(thrown);
      stream.end(error.code === 'cancelled' ? '' : sseFrame(errorBody(error)));
    }
  }

  /** Sends all chunks but the last; returns the frames that end the stream. One write a round. */
  async #sendChunks(
    stream: SseStream,
    generation: Generation,
    shape: ResponseShape,
    includeUsage: boolean,
  ): Promise<string> {
    const base = envelope(generation, shape.chunkObject);
    // With include_usage, every chunk but the one that reports it says usage: null.
    const usage = includeUsage ? { usage: null } : {};
    if (shape.opening !== undefined)
      await stream.send(sseFrame({ ...base, choices: [shape.opening], ...usage }));
    for await (const chunk of generation.chunks) {
      const { summary } = chunk;
      const frames = choicesOf(chunk, shape).map((choice): object => ({
        ...base,
        choices: [choice],
        ...usage,
      }));
      if (summary === undefined) {
        if (frames.length > 0) await stream.send(frames.map(sseFrame).join(''));
        continue;
      }
      const metrics = { metrics: metricsOf(summary) };
      if (includeUsage) frames.push({ ...base, choices: [], usage: usageOf(summary), ...metrics });
      else Object.assign(frames.at(-1)!, metrics);
      return frames.map(sseFrame).join('') + DONE_FRAME;
    }
    throw new AppError('internal', 'The generation ended without a summary.');
  }
}

/** None when the chunk tells nothing; the last of several has the finish reason. */
function choicesOf({ text, pieces, summary }: GenerationChunk, shape: ResponseShape): object[] {
  const finishReason = summary?.finishReason ?? null;
  if (pieces !== undefined && shape.calls !== undefined) return shape.calls(pieces, finishReason);
  return text === '' && finishReason === null ? [] : [shape.piece(text, finishReason)];
}

function envelope({ id, model, created }: Generation, object: string) {
  return { id, object, created, model, system_fingerprint: null };
}
