// What is turned into tokens, here or in the encoder's thread.
import type { ChatMessage, Tokenizer, Tool } from '#libs/tokenizer/index.js';

export type EncodeJob =
  | { readonly kind: 'text'; readonly text: string }
  /** No special tokens around it. */
  | { readonly kind: 'plain'; readonly text: string }
  | {
      readonly kind: 'chat';
      readonly messages: readonly ChatMessage[];
      readonly tools: readonly Tool[];
      /** Whether the assistant's turn is opened behind them. */
      readonly addGenerationPrompt: boolean;
    };

/** Token ids; a chat gets its template. Throws `invalid_argument`. */
export function encodeJob(tokenizer: Tokenizer, job: EncodeJob): number[] {
  if (job.kind === 'text') return tokenizer.encode(job.text);
  if (job.kind === 'plain') return tokenizer.encode(job.text, { addSpecialTokens: false });
  const { tools, addGenerationPrompt } = job;
  const text = tokenizer.applyChatTemplate(job.messages, { tools, addGenerationPrompt });
  return tokenizer.encode(text, { addSpecialTokens: false });
}

/** Of what the client wrote: the template only adds to it. */
export function chatBytes(messages: readonly ChatMessage[], tools: readonly Tool[]): number {
  const toolBytes = tools.length === 0 ? 0 : Buffer.byteLength(JSON.stringify(tools));
  return messages.reduce((sum, message) => sum + messageBytes(message), toolBytes);
}

function messageBytes({ content, toolCalls = [] }: ChatMessage): number {
  return toolCalls.reduce((sum, call) => sum + Buffer.byteLength(call.arguments), Buffer.byteLength(content));
}
