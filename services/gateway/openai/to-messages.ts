// From the messages of a checked body to the domain's.
import type { ChatMessage, ToolCall } from '#libs/tokenizer/index.js';
import type { ChatBody } from './chat-schema.js';

type BodyMessage = ChatBody['messages'][number];

export function chatMessages(messages: readonly BodyMessage[]): readonly ChatMessage[] {
  const called = new Map<string, string>();
  return messages.map((message): ChatMessage => {
    if (message.role === 'assistant') {
      const calls = (message.tool_calls ?? []).map(toToolCall);
      for (const { id, name } of calls) called.set(id, name);
      return { role: 'assistant', content: message.content, ...(calls.length > 0 && { toolCalls: calls }) };
    }
    const { role, content } = message;
    if (role === 'tool') {
      const toolCallId = message.tool_call_id;
      // Some templates name the function whose result this is; a result without its call is let through.
      const name = message.name ?? called.get(toolCallId);
      return { role, content, toolCallId, ...(name !== undefined && { name }) };
    }
    // Chat templates know the older name.
    return { role: role === 'developer' ? 'system' : role, content };
  });
}

function toToolCall({ id, function: { name, arguments: given } }: BodyCall): ToolCall {
  return { id, name, arguments: given };
}

type BodyCall = NonNullable<Extract<BodyMessage, { role: 'assistant' }>['tool_calls']>[number];
