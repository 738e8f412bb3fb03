// Messages and tools as chat templates expect them: the objects that Hugging Face's apply_chat_template documents.
import type { ChatMessage, Tool, ToolCall } from './chat-message.js';

export function messageObject({ role, content, toolCalls, toolCallId, name }: ChatMessage): object {
  return {
    role,
    content,
    // Templates ask whether these exist, so what is empty must be absent.
    ...(toolCalls !== undefined && toolCalls.length > 0 && { tool_calls: toolCalls.map(callObject) }),
    ...(toolCallId !== undefined && { tool_call_id: toolCallId }),
    ...(name !== undefined && { name }),
  };
}

export function toolObject({ name, description, parameters }: Tool): object {
  return {
    type: 'function',
    function: {
      name,
      ...(description !== undefined && { description }),
      // Some templates walk through the properties without asking whether there are any.
      parameters: parameters ?? { type: 'object', properties: {} },
    },
  };
}

function callObject({ id, name, arguments: given }: ToolCall): object {
  return { id, type: 'function', function: { name, arguments: parsedArguments(given) } };
}

/** Templates print arguments as JSON; text that is none, as a model may have written it, is shown as a string. */
function parsedArguments(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? value : text;
  } catch {
    return text;
  }
}
