// Sends an answer, whole or as a stream, in the shape of its route.
import { Inject, Injectable } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { completedChoices } from '../generation/completed-choice.js';
import type { Generation } from '../generation/generation.js';
import { GenerationService } from '../generation/generation.service.js';
import type { GenerationRequest } from '../generation/generation-request.js';
import { startTogether } from '../generation/joined-generations.js';
import { callerOf } from '../http/caller-of.js';
import { setIgnoredFields } from '../http/response-headers.js';
import { sseFrame } from '../http/sse.js';
import { sendFrames } from '../http/sse-answer.js';
import { completionFrames } from './completion-stream.js';
import { envelope } from './envelope.js';
import { errorBody } from './error-body.js';
import type { ResponseOptions } from './response-options.js';
import type { ResponseShape } from './response-shape.js';
import { answerMetrics, usageOf } from './usage.js';

@Injectable()
export class CompletionResponder {
  constructor(@Inject(GenerationService) private readonly generations: GenerationService) {}

  /** @param requests One a prompt; all of one answer. */
  async respond(
    requests: readonly GenerationRequest[],
    shape: ResponseShape,
    options: ResponseOptions,
    reply: FastifyReply,
  ): Promise<void> {
    const generation = await startTogether(this.generations, requests, callerOf(reply));
    setIgnoredFields(reply, options.ignoredFields);
    try {
      if (options.stream)
        await sendFrames(reply, {
          frames: completionFrames(generation, shape, options.includeUsage),
          // Without [DONE]: clients then know that the answer is not complete.
          failed: (error) => sseFrame(errorBody(error)),
        });
      else await this.#whole(generation, shape, reply);
    } finally {
      generation.close();
    }
  }

  async #whole(generation: Generation, shape: ResponseShape, reply: FastifyReply): Promise<void> {
    const choices = await completedChoices(generation);
    const summaries = choices.map(({ summary }) => summary);
    await reply.send({
      ...envelope(generation, shape.object),
      choices: choices.map((choice) => shape.choice(choice.index).whole(choice)),
      usage: usageOf(summaries, generation.numPrompts),
      metrics: answerMetrics(summaries),
      ...shape.extras(choices),
    });
  }
}
