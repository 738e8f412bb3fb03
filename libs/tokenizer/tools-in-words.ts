// For chat templates that know nothing of tools: says in plain messages what such a template would have said. The form of
// calls and results is the one of Nous Hermes, which Qwen took over, so most models have seen it.
// https://github.com/NousResearch/Hermes-Function-Calling
import type { ChatMessage, Tool, ToolCall } from './chat-message.js';
import { toolObject } from './template-input.js';

/** Messages with role, content and name alone. */
export function toolsInWords(messages: readonly ChatMessage[], tools: readonly Tool[]): ChatMessage[] {
  const said: ChatMessage[] = [];
  for (const [i, message] of messages.entries()) {
    if (message.role !== 'tool') said.push(withCallsAsText(message));
    else if (messages[i - 1]?.role !== 'tool') said.push({ role: 'user', content: resultText(message) });
    // Results of one turn are one message: many templates want user and assistant to take turns.
    else said.push({ role: 'user', content: `${said.pop()!.content}\n${resultText(message)}` });
  }
  return tools.length === 0 ? said : withInstructions(said, instructions(tools));
}

function withInstructions(messages: readonly ChatMessage[], text: string): ChatMessage[] {
  const [first, ...rest] = messages;
  if (first?.role !== 'system') return [{ role: 'system', content: text }, ...messages];
  return [{ ...first, content: first.content === '' ? text : `${first.content}\n\n${text}` }, ...rest];
}

function instructions(tools: readonly Tool[]): string {
  return [
    'You can call functions. These are their descriptions, one JSON object a line:',
    '<tools>',
    ...tools.map((tool) => JSON.stringify(toolObject(tool))),
    '</tools>',
    'To call a function, answer with its name and arguments as JSON between tags, one pair of tags a call:',
    '<tool_call>',
    '{"name": "function name", "arguments": {"argument name": "value"}}',
    '</tool_call>',
    'The result of a call comes back between <tool_response> and </tool_response>.',
  ].join('\n');
}

function withCallsAsText({ role, content, name, toolCalls = [] }: ChatMessage): ChatMessage {
  const parts = content === '' && toolCalls.length > 0 ? [] : [content];
  const text = [...parts, ...toolCalls.map(callText)].join('\n');
  return { role, content: text, ...(name !== undefined && { name }) };
}

function callText({ name, arguments: given }: ToolCall): string {
  return `<tool_call>\n{"name": ${JSON.stringify(name)}, "arguments": ${given}}\n</tool_call>`;
}

function resultText({ content }: ChatMessage): string {
  return `<tool_response>\n${content}\n</tool_response>`;
}
