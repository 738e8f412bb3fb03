// POST /tokenize and /detokenize: what the model would read, and what ids would say.
import { Body, Controller, HttpCode, Inject, Post, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { AppError } from '#libs/errors/index.js';
import { modelNotFound } from '../generation/model-not-found.js';
import { TEXT_MODEL, type TextModel } from '../generation/text-model.js';
import { BodyPipe, type CheckedBody } from '../http/body.pipe.js';
import { setIgnoredFields } from '../http/response-headers.js';
import { chatMessages } from '../openai/to-messages.js';
import { chatTools } from '../openai/to-tools.js';
import { DescribeRoute } from '../openapi/describe-route.js';
import { detokenization, tokenization } from './answer-schemas.js';
import {
  type DetokenizeBody,
  detokenizeSchema,
  TOKENIZE_REFUSED,
  type TokenizeBody,
  tokenizeSchema,
} from './tokenize-schema.js';

@Controller()
export class TokenizeController {
  constructor(@Inject(TEXT_MODEL) private readonly text: TextModel) {}

  @Post('tokenize')
  @HttpCode(200)
  @DescribeRoute({
    name: 'Tokenization',
    summary: 'The tokens of a prompt or a chat',
    tag: 'Tokens',
    answer: tokenization,
    example: (model) => ({ model, prompt: 'Once upon a time' }),
  })
  async tokenize(
    @Body(new BodyPipe(tokenizeSchema, TOKENIZE_REFUSED)) checked: CheckedBody<TokenizeBody>,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    this.#checkModel(checked.body.model);
    setIgnoredFields(reply, checked.ignoredFields);
    const tokens = await this.#encode(checked.body);
    const { text } = this;
    return {
      count: tokens.length,
      max_model_len: text.contextLength,
      tokens,
      token_strs: checked.body.return_token_strs ? tokens.map((id) => text.tokenName(id) ?? '') : null,
    };
  }

  @Post('detokenize')
  @HttpCode(200)
  @DescribeRoute({
    name: 'Detokenization',
    summary: 'The text of tokens',
    tag: 'Tokens',
    answer: detokenization,
    example: (model) => ({ model, tokens: [1, 2, 3] }),
  })
  async detokenize(
    @Body(new BodyPipe(detokenizeSchema, {})) checked: CheckedBody<DetokenizeBody>,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    const { model, tokens } = checked.body;
    this.#checkModel(model);
    this.#checkIds(tokens);
    setIgnoredFields(reply, checked.ignoredFields);
    return { prompt: await this.text.decode(tokens) };
  }

  async #encode({ prompt, messages, ...body }: TokenizeBody): Promise<readonly number[]> {
    if (messages !== undefined) {
      const { tools } = chatTools({ ...body, tool_choice: undefined, parallel_tool_calls: undefined });
      return this.text.encodeChat(chatMessages(messages), tools, body.add_generation_prompt ?? true);
    }
    return (body.add_special_tokens ?? true) ? this.text.encode(prompt!) : this.text.encodePlain(prompt!);
  }

  #checkModel(model: string | undefined): void {
    const { name } = this.text;
    if (model !== undefined && model !== name) throw modelNotFound(model, name);
  }

  #checkIds(tokens: readonly number[]): void {
    const { vocabSize } = this.text;
    const wrong = tokens.findIndex((id) => id >= vocabSize);
    if (wrong === -1) return;
    const field = `tokens[${wrong}]`;
    const problem = `token id ${tokens[wrong]} is not in the vocabulary of ${vocabSize} tokens`;
    throw new AppError('invalid_argument', `${field}: ${problem}.`, { field });
  }
}
