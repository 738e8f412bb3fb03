// The tools of a Responses request: functions, in a flatter shape than a chat's.
import { z } from 'zod';
import { optionalField } from '../http/optional-field.js';
import type { ToolFields as ChatToolFields } from '../openai/tool-fields.js';
import {
  functionName,
  functionParameters,
  MAX_DESCRIPTION_LENGTH,
  MAX_TOOLS,
  toolList,
} from '../openai/tool-fields.js';

const tool = z.object({
  type: z.literal('function', { error: 'must be "function": other tools are not supported' }),
  name: functionName,
  description: optionalField(z.string().max(MAX_DESCRIPTION_LENGTH)),
  parameters: optionalField(functionParameters),
  strict: optionalField(z.boolean()),
});

const namedFunction = z.object({ type: z.literal('function'), name: functionName });

const allowedTools = z.object({
  type: z.literal('allowed_tools'),
  mode: z.enum(['auto', 'required']),
  tools: z.array(namedFunction).min(1).max(MAX_TOOLS),
});

const toolChoice = z.union([z.enum(['none', 'auto', 'required']), namedFunction, allowedTools], {
  error: 'must be "none", "auto", "required", or an object of type "function" or "allowed_tools"',
});

export const toolFields = {
  tools: optionalField(toolList(tool, ({ name }) => name)),
  tool_choice: optionalField(toolChoice),
  parallel_tool_calls: optionalField(z.boolean()),
};

export type ToolFields = z.infer<z.ZodObject<typeof toolFields>>;

/** The same in the shape of a chat. */
export function chatToolFields({ tools, tool_choice, parallel_tool_calls }: ToolFields): ChatToolFields {
  return {
    tools: tools?.map(({ type, ...rest }) => ({ type, function: rest })),
    tool_choice: chatChoice(tool_choice),
    parallel_tool_calls,
  };
}

function chatChoice(choice: ToolFields['tool_choice']): ChatToolFields['tool_choice'] {
  if (choice === undefined || typeof choice === 'string') return choice;
  const named = ({ name }: { readonly name: string }) => ({ type: 'function' as const, function: { name } });
  if (choice.type === 'function') return named(choice);
  const { type, mode, tools } = choice;
  return { type, allowed_tools: { mode, tools: tools.map(named) } };
}
