// The contract, through OpenAI's own client.
import OpenAI from 'openai';
import { type ClientUnderContract, clientContract } from '../support/client-contract.js';

const library: ClientUnderContract = {
  connect(settings) {
    const client = new OpenAI(settings);
    const body = (content: string) => ({ model: 'tiny', messages: [{ role: 'user' as const, content }] });
    return {
      async whole(prompt) {
        const { choices, usage } = await client.chat.completions.create(body(prompt));
        return {
          text: choices[0]!.message.content ?? '',
          finishReason: choices[0]!.finish_reason,
          promptTokens: usage!.prompt_tokens,
          completionTokens: usage!.completion_tokens,
        };
      },
      async *stream(prompt, signal) {
        const stream = await client.chat.completions.create({ ...body(prompt), stream: true }, { signal });
        for await (const chunk of stream) yield chunk.choices[0]?.delta.content ?? '';
      },
    };
  },
  failure(error) {
    if (!(error instanceof OpenAI.APIError)) throw error;
    const { status, code, message } = error;
    return { status, overflow: code === 'context_length_exceeded', message };
  },
};

clientContract('openai', library);
