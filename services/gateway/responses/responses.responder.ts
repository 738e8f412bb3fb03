// Sends one response, whole or as a stream of events.
import { Inject, Injectable } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { AppError } from '#libs/errors/index.js';
import { derivedIds } from '../generation/derived-ids.js';
import type { Generation } from '../generation/generation.js';
import { GenerationService } from '../generation/generation.service.js';
import { piecesOf } from '../http/answer-pieces.js';
import type { CheckedBody } from '../http/body.pipe.js';
import { callerOf } from '../http/caller-of.js';
import { setIgnoredFields } from '../http/response-headers.js';
import { sendFrames } from '../http/sse-answer.js';
import { inputFault } from './input-fault.js';
import { OutputItems } from './output-items.js';
import { ResponseEvents } from './response-events.js';
import { isComplete, ResponseObject } from './response-object.js';
import type { ResponsesBody } from './responses-schema.js';
import { responsesGeneration } from './to-generation.js';

@Injectable()
export class ResponsesResponder {
  constructor(@Inject(GenerationService) private readonly generations: GenerationService) {}

  async respond(
    { body, ignoredFields }: CheckedBody<ResponsesBody>,
    session: string | undefined,
    reply: FastifyReply,
  ): Promise<void> {
    const request = responsesGeneration(body, session);
    const generation = await this.generations.start(request, callerOf(reply)).catch((thrown: unknown) => {
      throw inputFault(thrown);
    });
    setIgnoredFields(reply, ignoredFields);
    try {
      const response = new ResponseObject(body, generation);
      const ids = derivedIds(generation.id);
      const output = new OutputItems(() => ids(''));
      if (body.stream) {
        const events = new ResponseEvents({ generation, response, output });
        await sendFrames(reply, { frames: events.frames(), failed: (error) => events.failed(error) });
      } else await reply.send(await whole(generation, response, output));
    } finally {
      generation.close();
    }
  }
}

async function whole({ chunks }: Generation, response: ResponseObject, output: OutputItems): Promise<object> {
  for await (const chunk of chunks) {
    for (const piece of piecesOf(chunk)) output.push(piece);
    const { summary } = chunk;
    if (summary === undefined) continue;
    output.finish(isComplete(summary) ? 'completed' : 'incomplete');
    return response.ended(output.items, summary);
  }
  throw new AppError('internal', 'The generation ended without a summary.');
}
