// The fields of a chat that have to do with tools, with caps on what a client may make us read and compile.
import { z } from 'zod';
import { optionalField } from '../http/optional-field.js';

export const MAX_TOOLS = 128;
const MAX_CALLS = 128;
const MAX_ID_LENGTH = 256;
export const MAX_DESCRIPTION_LENGTH = 16 * 1024;
/** Of all tools together, as JSON: about what a grammar may be large. */
const MAX_TOOLS_BYTES = 64 * 1024;
const MAX_SCHEMA_DEPTH = 32;

export const functionName = z
  .string()
  .regex(/^[a-zA-Z0-9_-]{1,64}$/, 'must be 1 to 64 letters, digits, "_" or "-"');

export const functionParameters = z
  .record(z.string(), z.unknown())
  // The checks after this one read the schema recursively.
  .refine(isShallow, { error: `must be nested at most ${MAX_SCHEMA_DEPTH} levels deep`, abort: true })
  .refine(({ type = 'object' }) => type === 'object', 'must be the JSON schema of an object (type "object")');

const tool = z.object({
  type: z.literal('function', { error: 'must be "function": other tools are not supported' }),
  function: z.object({
    name: functionName,
    description: optionalField(z.string().max(MAX_DESCRIPTION_LENGTH)),
    parameters: optionalField(functionParameters),
    strict: optionalField(z.boolean()),
  }),
});

/** The tools of a route, in its own shape. */
export function toolList<Tool extends z.ZodType>(one: Tool, nameOf: (tool: z.infer<Tool>) => string) {
  return z
    .array(one)
    .max(MAX_TOOLS)
    .refine(
      (tools) => new Set(tools.map(nameOf)).size === tools.length,
      'must have a name of its own for each function',
    )
    .refine(
      (tools) => Buffer.byteLength(JSON.stringify(tools)) <= MAX_TOOLS_BYTES,
      `must be at most ${MAX_TOOLS_BYTES} bytes of JSON`,
    );
}

const namedFunction = z.object({ type: z.literal('function'), function: z.object({ name: functionName }) });

const allowedTools = z.object({
  type: z.literal('allowed_tools'),
  allowed_tools: z.object({
    mode: z.enum(['auto', 'required']),
    tools: z.array(namedFunction).min(1).max(MAX_TOOLS),
  }),
});

const toolChoice = z.union([z.enum(['none', 'auto', 'required']), namedFunction, allowedTools], {
  error: 'must be "none", "auto", "required", or an object of type "function" or "allowed_tools"',
});

export const toolFields = {
  tools: optionalField(toolList(tool, (one) => one.function.name)),
  tool_choice: optionalField(toolChoice),
  parallel_tool_calls: optionalField(z.boolean()),
};

export type ToolFields = z.infer<z.ZodObject<typeof toolFields>>;

export const toolCallId = z.string().min(1).max(MAX_ID_LENGTH);

/** Calls of an earlier answer. */
export const toolCalls = z
  .array(
    z.object({
      id: toolCallId,
      type: z.literal('function', { error: 'must be "function": other calls are not supported' }),
      function: z.object({ name: functionName, arguments: z.string() }),
    }),
  )
  .max(MAX_CALLS);

/** Level by level: recursion would be as deep as the client likes. */
function isShallow(schema: object): boolean {
  let level: object[] = [schema];
  for (let depth = 0; level.length > 0; depth++) {
    if (depth === MAX_SCHEMA_DEPTH) return false;
    level = level
      .flatMap((value) => Object.values(value) as unknown[])
      .filter((value): value is object => typeof value === 'object' && value !== null);
  }
  return true;
}
