// POST /v1/completions
import { Body, Controller, Headers, HttpCode, Inject, Post, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { BodyPipe, type CheckedBody } from '../http/body.pipe.js';
import { DescribeRoute } from '../openapi/describe-route.js';
import { textCompletion } from './answer-schemas.js';
import { CompletionResponder } from './completion.responder.js';
import { type CompletionBody, completionSchema } from './completion-schema.js';
import { completionShape } from './completion-shape.js';
import { responseOptions } from './response-options.js';
import { completionGenerations } from './to-generation.js';
import { UNSUPPORTED_FIELDS } from './unsupported-fields.js';

@Controller('v1/completions')
export class CompletionsController {
  constructor(@Inject(CompletionResponder) private readonly responder: CompletionResponder) {}

  @Post()
  @HttpCode(200)
  @DescribeRoute({
    name: 'Completion',
    summary: 'Plain completion, whole or streamed',
    tag: 'OpenAI',
    answer: textCompletion,
    chunk: textCompletion,
    example: (model) => ({ model, prompt: 'Once upon a time', max_tokens: 64 }),
  })
  create(
    @Body(new BodyPipe(completionSchema, UNSUPPORTED_FIELDS)) checked: CheckedBody<CompletionBody>,
    @Headers('x-session-id') session: string | undefined,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const { echo = false, logprobs, prompt_logprobs: promptLogprobs } = checked.body;
    return this.responder.respond(
      completionGenerations(checked.body, session),
      completionShape({ echo, logprobs, promptLogprobs }),
      responseOptions(checked),
      reply,
    );
  }
}
