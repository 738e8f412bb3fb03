// POST /v1/chat/completions
import { Body, Controller, Headers, HttpCode, Inject, Post, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { BodyPipe, type CheckedBody } from '../http/body.pipe.js';
import { DescribeRoute } from '../openapi/describe-route.js';
import { chatCompletion, chatCompletionChunk } from './answer-schemas.js';
import { type ChatBody, chatSchema } from './chat-schema.js';
import { chatShape } from './chat-shape.js';
import { CompletionResponder } from './completion.responder.js';
import { responseOptions } from './response-options.js';
import { chatGeneration } from './to-generation.js';
import { UNSUPPORTED_FIELDS } from './unsupported-fields.js';

@Controller('v1/chat/completions')
export class ChatCompletionsController {
  constructor(@Inject(CompletionResponder) private readonly responder: CompletionResponder) {}

  @Post()
  @HttpCode(200)
  @DescribeRoute({
    name: 'ChatCompletion',
    summary: 'Chat, whole or streamed',
    tag: 'OpenAI',
    answer: chatCompletion,
    chunk: chatCompletionChunk,
    example: (model) => ({
      model,
      messages: [{ role: 'user', content: 'Why is the sky blue?' }],
      max_completion_tokens: 64,
    }),
  })
  create(
    @Body(new BodyPipe(chatSchema, UNSUPPORTED_FIELDS)) checked: CheckedBody<ChatBody>,
    @Headers('x-session-id') session: string | undefined,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const { body } = checked;
    return this.responder.respond(
      [chatGeneration(body, session)],
      chatShape({
        topLogprobs: body.logprobs ? (body.top_logprobs ?? 0) : undefined,
        promptLogprobs: body.prompt_logprobs,
      }),
      responseOptions(checked),
      reply,
    );
  }
}
