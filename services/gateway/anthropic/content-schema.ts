// What messages of POST /v1/messages hold. Images, documents and blocks of server tools are refused by their type.
// https://platform.claude.com/docs/en/api/messages
import { z } from 'zod';
import { optionalField } from '../http/optional-field.js';
import { toolName } from './tool-fields.js';

const MAX_ID_LENGTH = 256;

const toolId = z.string().min(1).max(MAX_ID_LENGTH);

const textBlock = z.object({ type: z.literal('text'), text: z.string() });

const texts = z
  .array(z.discriminatedUnion('type', [textBlock], { error: 'must be a block of type "text"' }))
  .transform((blocks) => blocks.map(({ text }) => text).join(''));

export const textOrBlocks = z.union([z.string(), texts], {
  error: 'must be a string or an array of blocks of type "text"',
});

const toolUse = z.object({
  type: z.literal('tool_use'),
  id: toolId,
  name: toolName,
  input: z.record(z.string(), z.unknown()),
});

const toolResult = z.object({
  type: z.literal('tool_result'),
  tool_use_id: toolId,
  content: optionalField(textOrBlocks),
  is_error: optionalField(z.boolean()),
});

const content = <Block extends z.ZodType>(block: Block, types: string) =>
  z.union([z.string().transform((text) => [{ type: 'text' as const, text }]), z.array(block)], {
    error: `must be a string or an array of blocks of type ${types}`,
  });

const USER_TYPES = '"text" or "tool_result"';
const ASSISTANT_TYPES = '"text" or "tool_use"';

const userBlock = z.discriminatedUnion('type', [textBlock, toolResult], {
  error: `must be a block of type ${USER_TYPES}`,
});

const assistantBlock = z.discriminatedUnion('type', [textBlock, toolUse], {
  error: `must be a block of type ${ASSISTANT_TYPES}`,
});

export const message = z.discriminatedUnion(
  'role',
  [
    z.object({ role: z.literal('user'), content: content(userBlock, USER_TYPES) }),
    z.object({ role: z.literal('assistant'), content: content(assistantBlock, ASSISTANT_TYPES) }),
  ],
  { error: 'must be an object with role user or assistant' },
);

export type MessageParam = z.infer<typeof message>;
