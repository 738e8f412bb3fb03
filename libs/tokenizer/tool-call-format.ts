// How a model writes its calls, found out from what its own chat template prints for a call that we make up: whatever a
// template calls its variables, its output tells.
import type { ChatMessage, Tool } from './chat-message.js';

/**
 * `hermes`: `<tool_call>{"name": …, "arguments": {…}}</tool_call>`, as many as there are calls (Hermes, Qwen).
 * `llama`: `{"name": …, "parameters": {…}}` as the whole answer (Llama 3).
 */
export type ToolCallFormat = 'hermes' | 'llama';

type Render = (messages: readonly ChatMessage[], tools: readonly Tool[]) => string;

const TOOL: Tool = {
  name: 'probed_name',
  description: 'Probed description.',
  parameters: { type: 'object', properties: {} },
};
const RESULT = 'Probed result.';

// Mistral's templates want ids of nine letters or digits.
const CALL = { id: 'probed001', name: TOOL.name, arguments: '{"probed": 1}' };

const MESSAGES: readonly ChatMessage[] = [
  { role: 'user', content: 'Probed question.' },
  { role: 'assistant', content: '', toolCalls: [CALL] },
  { role: 'tool', content: RESULT, toolCallId: CALL.id, name: TOOL.name },
];

const FORMS: readonly (readonly [ToolCallFormat, RegExp])[] = [
  ['hermes', /<tool_call>\s*\{"name": ?"probed_name", ?"arguments": ?\{"probed": ?1\}\}\s*<\/tool_call>/],
  ['llama', /\{"name": ?"probed_name", ?"parameters": ?\{"probed": ?1\}\}/],
];

/** Undefined when the template leaves out tools, calls or results, refuses them, or has a form that is not known here. */
export function toolCallFormatOf(render: Render): ToolCallFormat | undefined {
  let text: string;
  try {
    text = render(MESSAGES, [TOOL]);
  } catch {
    return undefined;
  }
  if (!text.includes(TOOL.description!) || !text.includes(RESULT)) return undefined;
  return FORMS.find(([, form]) => form.test(text))?.[0];
}
