// The tools of a Messages request: those that the client runs. Server tools are refused by their type.
import { z } from 'zod';
import { optionalField } from '../http/optional-field.js';
import type { ToolFields as ChatToolFields } from '../openai/tool-fields.js';
import { functionParameters, MAX_DESCRIPTION_LENGTH, toolList } from '../openai/tool-fields.js';

export const toolName = z
  .string()
  .regex(/^[a-zA-Z0-9_-]{1,128}$/, 'must be 1 to 128 letters, digits, "_" or "-"');

const tool = z.object({
  type: optionalField(z.literal('custom', { error: 'must be "custom": server tools are not supported' })),
  name: toolName,
  description: optionalField(z.string().max(MAX_DESCRIPTION_LENGTH)),
  input_schema: functionParameters,
  strict: optionalField(z.boolean()),
});

const disable_parallel_tool_use = optionalField(z.boolean());

const toolChoice = z.discriminatedUnion(
  'type',
  [
    z.object({ type: z.literal('auto'), disable_parallel_tool_use }),
    z.object({ type: z.literal('any'), disable_parallel_tool_use }),
    z.object({ type: z.literal('tool'), name: toolName, disable_parallel_tool_use }),
    z.object({ type: z.literal('none') }),
  ],
  { error: 'must be an object of type "auto", "any", "tool" or "none"' },
);

export const toolFields = {
  tools: optionalField(toolList(tool, ({ name }) => name)),
  tool_choice: optionalField(toolChoice),
};

export type ToolFields = z.infer<z.ZodObject<typeof toolFields>>;

/** The same in the shape of a chat of OpenAI's. */
export function chatToolFields({ tools, tool_choice: choice }: ToolFields): ChatToolFields {
  const isSingle = choice !== undefined && choice.type !== 'none' && choice.disable_parallel_tool_use;
  return {
    tools: tools?.map(({ name, description, input_schema: parameters, strict }) => ({
      type: 'function',
      function: { name, description, parameters, strict },
    })),
    tool_choice: chatChoice(choice),
    parallel_tool_calls: !isSingle,
  };
}

function chatChoice(choice: ToolFields['tool_choice']): ChatToolFields['tool_choice'] {
  switch (choice?.type) {
    case undefined:
      return undefined;
    case 'any':
      return 'required';
    case 'tool':
      return { type: 'function', function: { name: choice.name } };
    default:
      return choice?.type;
  }
}
