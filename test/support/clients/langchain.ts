// LangChain, as the contract sees it.
import { ContextOverflowError } from '@langchain/core/errors';
import type { AIMessageChunk, UsageMetadata } from '@langchain/core/messages';
import { tool } from '@langchain/core/tools';
import { ChatOpenAI } from '@langchain/openai';
import { CITY, type ClientLibrary, WEATHER } from '../client-contract.js';

// LangChain reports runs to LangSmith when the environment says so; tests talk to nobody.
process.env.LANGSMITH_TRACING = 'false';
process.env.LANGCHAIN_TRACING_V2 = 'false';

const weather = tool(() => 'sunny', {
  name: 'weather',
  description: 'Tells the weather.',
  schema: WEATHER,
});

export const langChainLibrary: ClientLibrary = {
  connect({ baseURL, apiKey, fetch, ...settings }) {
    const chat = new ChatOpenAI({ ...settings, apiKey, temperature: 0, configuration: { baseURL, fetch } });
    return {
      async whole(prompt) {
        const message = await chat.invoke(prompt);
        // Its type depends on the library's own output version.
        const usage = message.usage_metadata as UsageMetadata | undefined;
        return {
          text: message.text,
          finishReason: String(message.response_metadata.finish_reason),
          promptTokens: usage!.input_tokens,
          completionTokens: usage!.output_tokens,
        };
      },
      async calls(prompt, stream) {
        const bound = chat.bindTools([weather]);
        let whole: AIMessageChunk | undefined;
        if (stream)
          for await (const chunk of await bound.stream(prompt)) whole = whole?.concat(chunk) ?? chunk;
        const { tool_calls = [] } = whole ?? (await bound.invoke(prompt));
        return tool_calls.map(({ id = '', name, args }) => ({ id, name, args }));
      },
      structured: (prompt) => chat.withStructuredOutput(CITY, { method: 'jsonSchema' }).invoke(prompt),
      async *stream(prompt, signal) {
        for await (const chunk of await chat.stream(prompt, { signal })) yield chunk.text;
      },
    };
  },
  failure(thrown) {
    const error = thrown as Error & { status?: number; cause?: { status?: number } };
    return {
      status: error.status ?? error.cause?.status,
      overflow: ContextOverflowError.isInstance(error),
      message: error.message,
    };
  },
};
