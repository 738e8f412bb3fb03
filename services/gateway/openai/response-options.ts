// How the client wants its answer sent.
import type { CheckedBody } from '../http/body.pipe.js';
import type { ChatBody } from './chat-schema.js';
import type { CompletionBody } from './completion-schema.js';

export interface ResponseOptions {
  readonly stream: boolean;
  readonly includeUsage: boolean;
  readonly ignoredFields: readonly string[];
}

export function responseOptions({
  body,
  ignoredFields,
}: CheckedBody<ChatBody | CompletionBody>): ResponseOptions {
  return {
    stream: body.stream ?? false,
    includeUsage: body.stream_options?.include_usage ?? false,
    ignoredFields,
  };
}
