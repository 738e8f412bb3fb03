// POST /v1/messages and /v1/messages/count_tokens
import { Body, Controller, Headers, HttpCode, Inject, Post, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { modelNotFound } from '../generation/model-not-found.js';
import { TEXT_MODEL, type TextModel } from '../generation/text-model.js';
import { BodyPipe, type CheckedBody } from '../http/body.pipe.js';
import { setIgnoredFields } from '../http/response-headers.js';
import { DescribeRoute } from '../openapi/describe-route.js';
import { messageAnswer, messageEvent, tokenCount } from './answer-schemas.js';
import { MessagesResponder } from './messages.responder.js';
import {
  type CountTokensBody,
  countTokensSchema,
  MESSAGES_REFUSED,
  type MessagesBody,
  messagesSchema,
} from './messages-schema.js';
import { chatInput } from './to-generation.js';

@Controller('v1/messages')
export class MessagesController {
  constructor(
    @Inject(MessagesResponder) private readonly responder: MessagesResponder,
    @Inject(TEXT_MODEL) private readonly text: TextModel,
  ) {}

  @Post()
  @HttpCode(200)
  @DescribeRoute({
    name: 'Message',
    summary: 'Message, whole or as a stream of events',
    tag: 'Anthropic',
    answer: messageAnswer,
    chunk: messageEvent,
    example: (model) => ({
      model,
      max_tokens: 64,
      messages: [{ role: 'user', content: 'Why is the sky blue?' }],
    }),
  })
  create(
    @Body(new BodyPipe(messagesSchema, MESSAGES_REFUSED)) checked: CheckedBody<MessagesBody>,
    @Headers('x-session-id') session: string | undefined,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    return this.responder.respond(checked, session, reply);
  }

  @Post('count_tokens')
  @HttpCode(200)
  @DescribeRoute({
    name: 'TokenCount',
    summary: 'How many tokens a message would read',
    tag: 'Anthropic',
    answer: tokenCount,
    example: (model) => ({ model, messages: [{ role: 'user', content: 'Why is the sky blue?' }] }),
  })
  async countTokens(
    @Body(new BodyPipe(countTokensSchema, MESSAGES_REFUSED)) checked: CheckedBody<CountTokensBody>,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<{ input_tokens: number }> {
    const { model } = checked.body;
    if (model !== this.text.name) throw modelNotFound(model, this.text.name);
    const { messages, tools } = chatInput(checked.body);
    const tokens = await this.text.encodeChat(messages, tools);
    setIgnoredFields(reply, checked.ignoredFields);
    return { input_tokens: tokens.length };
  }
}
