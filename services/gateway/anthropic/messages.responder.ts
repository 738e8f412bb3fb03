// Sends one message, whole or as a stream of events.
import { Inject, Injectable } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { AppError } from '#libs/errors/index.js';
import type { Generation } from '../generation/generation.js';
import { GenerationService } from '../generation/generation.service.js';
import { piecesOf } from '../http/answer-pieces.js';
import type { CheckedBody } from '../http/body.pipe.js';
import { callerOf } from '../http/caller-of.js';
import { setIgnoredFields } from '../http/response-headers.js';
import { sseEvent } from '../http/sse.js';
import { sendFrames } from '../http/sse-answer.js';
import { errorBody } from '../openai/error-body.js';
import { ContentBlocks } from './content-blocks.js';
import { anthropicErrorBody } from './error-body.js';
import { messageFrames, PING_FRAME } from './message-events.js';
import { wholeMessage } from './message-object.js';
import type { MessagesBody } from './messages-schema.js';
import { messagesGeneration } from './to-generation.js';

@Injectable()
export class MessagesResponder {
  constructor(@Inject(GenerationService) private readonly generations: GenerationService) {}

  async respond(
    { body, ignoredFields }: CheckedBody<MessagesBody>,
    session: string | undefined,
    reply: FastifyReply,
  ): Promise<void> {
    const request = messagesGeneration(body, session);
    const generation = await this.generations.start(request, callerOf(reply));
    setIgnoredFields(reply, ignoredFields);
    try {
      if (body.stream)
        await sendFrames(reply, {
          frames: messageFrames(generation),
          failed: (error) => errorFrame(error, reply.request.id),
          options: { keepAliveFrame: PING_FRAME },
        });
      else await reply.send(await whole(generation));
    } finally {
      generation.close();
    }
  }
}

async function whole(generation: Generation): Promise<object> {
  const blocks = new ContentBlocks();
  for await (const chunk of generation.chunks) {
    for (const piece of piecesOf(chunk)) blocks.push(piece);
    if (chunk.summary !== undefined) return wholeMessage(generation, blocks.content, chunk.summary);
  }
  throw new AppError('internal', 'The generation ended without a summary.');
}

function errorFrame(error: AppError, requestId: string): string {
  const { message } = errorBody(error).error;
  return sseEvent('error', anthropicErrorBody(error.mapping.http, message, requestId));
}
