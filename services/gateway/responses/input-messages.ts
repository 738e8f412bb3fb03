// From the items of a Responses request to chat messages.
import type { ChatMessage } from '#libs/tokenizer/index.js';
import type { InputItem } from './input-item-schema.js';

/** `instructions` come first, as a system message. Calls in a row are one turn of the assistant, with what it said before. */
export function inputMessages(
  input: string | readonly InputItem[],
  instructions: string | undefined,
): ChatMessage[] {
  const messages: ChatMessage[] = [];
  if (instructions !== undefined) messages.push({ role: 'system', content: instructions });
  if (typeof input === 'string') return [...messages, { role: 'user', content: input }];
  const names = new Map<string, string>();
  for (const item of input) {
    if (item.type === 'function_call') {
      names.set(item.call_id, item.name);
      addCall(messages, item);
    } else if (item.type === 'function_call_output') {
      const { call_id: toolCallId, output: content } = item;
      messages.push({ role: 'tool', content, toolCallId, name: names.get(toolCallId) });
    } else {
      const { role, content } = item;
      // Chat templates know the older name.
      messages.push({ role: role === 'developer' ? 'system' : role, content });
    }
  }
  return messages;
}

function addCall(
  messages: ChatMessage[],
  { call_id: id, name, arguments: given }: Extract<InputItem, { type: 'function_call' }>,
): void {
  const last = messages.at(-1);
  const turn = last?.role === 'assistant' ? messages.pop()! : { role: 'assistant', content: '' };
  messages.push({ ...turn, toolCalls: [...(turn.toolCalls ?? []), { id, name, arguments: given }] });
}
