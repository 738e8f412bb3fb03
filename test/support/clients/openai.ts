// OpenAI's own client, as the contract sees it.
import OpenAI from 'openai';
import { zodFunction, zodResponseFormat } from 'openai/helpers/zod';
import { CITY, type ClientLibrary, WEATHER } from '../client-contract.js';

const weather = zodFunction({ name: 'weather', description: 'Tells the weather.', parameters: WEATHER });

export const openAiLibrary: ClientLibrary = {
  connect({ model, maxTokens, ...settings }) {
    const client = new OpenAI(settings);
    const body = (content: string) => ({
      model,
      messages: [{ role: 'user' as const, content }],
      temperature: 0,
      max_completion_tokens: maxTokens,
    });
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
      async calls(prompt, stream) {
        const request = { ...body(prompt), tools: [weather] };
        const { choices } = stream
          ? await client.chat.completions.stream(request).finalChatCompletion()
          : await client.chat.completions.parse(request);
        return choices[0]!.message.tool_calls!.map((call) => {
          if (call.type !== 'function') throw new Error(`An unknown call: ${call.type}.`);
          return { id: call.id, name: call.function.name, args: call.function.parsed_arguments };
        });
      },
      async structured(prompt) {
        const response_format = zodResponseFormat(CITY, 'city');
        const { choices } = await client.chat.completions.parse({ ...body(prompt), response_format });
        return choices[0]!.message.parsed;
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
