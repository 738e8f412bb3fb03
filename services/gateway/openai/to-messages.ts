// From the messages of a checked body to the domain's.
import type { ChatMessage } from '#libs/tokenizer/index.js';
import type { ChatBody } from './chat-schema.js';

export function chatMessages(messages: ChatBody['messages']): readonly ChatMessage[] {
  return messages.map(({ role, content }) => ({
    // Chat templates know the older name.
    role: role === 'developer' ? 'system' : role,
    content,
  }));
}
