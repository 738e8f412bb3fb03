// What is turned into tokens, here or in the encoder's thread.
import type { ChatMessage, Tokenizer, Tool } from '#libs/tokenizer/index.js';

export type EncodeJob =
  | { readonly kind: 'text'; readonly text: string }
  | {
      readonly kind: 'chat';
      readonly messages: readonly ChatMessage[];
      readonly tools: readonly Tool[];
    };

/** Token ids; a chat gets its template, with the opening of the assistant's turn. Throws `invalid_argument`. */
export function encodeJob(tokenizer: Tokenizer, job: EncodeJob): number[] {
  if (job.kind === 'text') return tokenizer.encode(job.text);
  const text = tokenizer.applyChatTemplate(job.messages, { tools: job.tools });
  return tokenizer.encode(text, { addSpecialTokens: false });
}
