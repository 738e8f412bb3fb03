// From a checked Messages body to the domain's request.
import type { GenerationRequest } from '../generation/generation-request.js';
import { generation } from '../openai/to-generation.js';
import { inputMessages } from './input-messages.js';
import type { MessagesBody } from './messages-schema.js';

export function messagesGeneration(body: MessagesBody, sessionHeader: string | undefined): GenerationRequest {
  const messages = inputMessages(body.messages, body.system);
  const fields = { ...body, stop: body.stop_sequences };
  return generation('msg_', { kind: 'chat', messages }, body.max_tokens, fields, sessionHeader);
}
