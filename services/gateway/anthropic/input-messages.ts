// From Anthropic's messages to chat messages. Turns of one role that follow each other are one turn, as there.
import { AppError } from '#libs/errors/index.js';
import type { ChatMessage, ToolCall } from '#libs/tokenizer/index.js';
import type { MessageParam } from './content-schema.js';

/** Throws `invalid_argument` when the assistant has the last word: an answer is a turn of its own here. */
export function inputMessages(messages: readonly MessageParam[], system: string | undefined): ChatMessage[] {
  const last = messages.length - 1;
  if (messages[last]?.role === 'assistant')
    throw refusal(
      `messages[${last}].role`,
      'the last message must be from the user: no answer is continued here',
    );
  const all: ChatMessage[] = [];
  if (system !== undefined && system !== '') all.push({ role: 'system', content: system });
  const names = new Map<string, string>();
  for (const message of messages) {
    if (message.role === 'assistant') addAssistant(all, message.content, names);
    else addUser(all, message.content, names);
  }
  return all;
}

type AssistantBlocks = Extract<MessageParam, { role: 'assistant' }>['content'];
type UserBlocks = Extract<MessageParam, { role: 'user' }>['content'];

function addAssistant(all: ChatMessage[], blocks: AssistantBlocks, names: Map<string, string>): void {
  const before = all.at(-1)?.role === 'assistant' ? all.pop()! : { content: '', toolCalls: [] };
  let { content } = before;
  const toolCalls: ToolCall[] = [...(before.toolCalls ?? [])];
  for (const block of blocks) {
    if (block.type === 'text') content += block.text;
    else {
      names.set(block.id, block.name);
      toolCalls.push({ id: block.id, name: block.name, arguments: JSON.stringify(block.input) });
    }
  }
  all.push({ role: 'assistant', content, ...(toolCalls.length > 0 && { toolCalls }) });
}

/** Results of tools are messages of their own, in their place between the texts. */
function addUser(all: ChatMessage[], blocks: UserBlocks, names: ReadonlyMap<string, string>): void {
  for (const block of blocks) {
    if (block.type === 'text') {
      const before = all.at(-1)?.role === 'user' ? all.pop()!.content : '';
      all.push({ role: 'user', content: before + block.text });
    } else {
      const { tool_use_id: toolCallId, content = '', is_error } = block;
      // Templates have no word for a failed call.
      const text = is_error ? `Error: ${content}` : content;
      all.push({ role: 'tool', content: text, toolCallId, name: names.get(toolCallId) });
    }
  }
  if (blocks.length === 0) all.push({ role: 'user', content: '' });
}

function refusal(field: string, problem: string): AppError {
  return new AppError('invalid_argument', `${field}: ${problem}.`, { field });
}
