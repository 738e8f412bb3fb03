// POST /v1/responses
import { Body, Controller, Headers, HttpCode, Inject, Post, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { BodyPipe, type CheckedBody } from '../http/body.pipe.js';
import { DescribeRoute } from '../openapi/describe-route.js';
import { response, responseEvent } from './answer-schemas.js';
import { ResponsesResponder } from './responses.responder.js';
import { RESPONSES_REFUSED, type ResponsesBody, responsesSchema } from './responses-schema.js';

@Controller('v1/responses')
export class ResponsesController {
  constructor(@Inject(ResponsesResponder) private readonly responder: ResponsesResponder) {}

  @Post()
  @HttpCode(200)
  @DescribeRoute({
    name: 'Response',
    summary: 'Response, whole or as a stream of events; nothing is kept',
    tag: 'OpenAI',
    answer: response,
    chunk: responseEvent,
    example: (model) => ({ model, input: 'Why is the sky blue?', max_output_tokens: 64 }),
  })
  create(
    @Body(new BodyPipe(responsesSchema, RESPONSES_REFUSED)) checked: CheckedBody<ResponsesBody>,
    @Headers('x-session-id') session: string | undefined,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    return this.responder.respond(checked, session, reply);
  }
}
