// POST /v1/completions
import { Body, Controller, Headers, HttpCode, Inject, Post, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { BodyPipe, type CheckedBody } from './body.pipe.js';
import { CompletionResponder } from './completion.responder.js';
import { type CompletionBody, completionSchema } from './completion-schema.js';
import { completionShape } from './completion-shape.js';
import { responseOptions } from './response-options.js';
import { completionGeneration } from './to-generation.js';
import { UNSUPPORTED_FIELDS } from './unsupported-fields.js';

@Controller('v1/completions')
export class CompletionsController {
  constructor(@Inject(CompletionResponder) private readonly responder: CompletionResponder) {}

  @Post()
  @HttpCode(200)
  create(
    @Body(new BodyPipe(completionSchema, UNSUPPORTED_FIELDS)) checked: CheckedBody<CompletionBody>,
    @Headers('x-session-id') session: string | undefined,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const request = completionGeneration(checked.body, session);
    return this.responder.respond(request, completionShape, responseOptions(checked), reply);
  }
}
