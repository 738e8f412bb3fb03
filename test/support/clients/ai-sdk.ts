// The AI SDK with its provider for OpenAI's API, as the contract sees it.
import { createOpenAICompatible } from '@ai-sdk/openai-compatible';
import { APICallError, generateText, Output, RetryError, streamText, type ToolSet, tool } from 'ai';
import { CITY, type ClientLibrary, WEATHER } from '../client-contract.js';

const tools: ToolSet = { weather: tool({ description: 'Tells the weather.', inputSchema: WEATHER }) };

export const aiSdkLibrary: ClientLibrary = {
  connect({ baseURL, apiKey, fetch, maxRetries, model: name, maxTokens }) {
    const provider = createOpenAICompatible({
      name: 'outrider',
      baseURL,
      apiKey,
      fetch,
      includeUsage: true,
      // Without it the provider drops schemas.
      supportsStructuredOutputs: true,
    });
    const settings = { model: provider(name), maxRetries, temperature: 0, maxOutputTokens: maxTokens };
    return {
      async whole(prompt) {
        const { text, finishReason, usage } = await generateText({ ...settings, prompt });
        return {
          text,
          finishReason,
          promptTokens: usage.inputTokens!,
          completionTokens: usage.outputTokens!,
        };
      },
      async calls(prompt, stream) {
        const request = { ...settings, prompt, tools };
        const toolCalls = await (stream ? streamText(request) : await generateText(request)).toolCalls;
        return toolCalls.map(({ toolCallId: id, toolName: name, input: args }) => ({ id, name, args }));
      },
      async structured(prompt) {
        const { output } = await generateText({
          ...settings,
          prompt,
          output: Output.object({ schema: CITY }),
        });
        return output;
      },
      async *stream(prompt, abortSignal) {
        const controller = new AbortController();
        const signal = AbortSignal.any([abortSignal, controller.signal]);
        const { fullStream } = streamText({ ...settings, prompt, abortSignal: signal, onError: () => {} });
        try {
          for await (const part of fullStream) {
            if (part.type === 'text-delta') yield part.text;
            if (part.type === 'error') throw part.error;
          }
        } finally {
          // Leaving the loop doesn't end the request: programs abort.
          controller.abort();
        }
      },
    };
  },
  failure(thrown) {
    const error = RetryError.isInstance(thrown) ? thrown.lastError : thrown;
    if (APICallError.isInstance(error)) {
      const { statusCode: status, message, responseBody = '' } = error;
      return { status, overflow: responseBody.includes('"context_length_exceeded"'), message };
    }
    // A failure mid-stream is the error object of the event.
    return {
      status: undefined,
      overflow: false,
      message: (error as { message?: string }).message ?? String(error),
    };
  },
};
