// From the tool fields of a checked body to the domain's tools and choice.
import { AppError } from '#libs/errors/index.js';
import { schemaProblem } from '#libs/grammar/index.js';
import type { Tool } from '#libs/tokenizer/index.js';
import type { ToolChoice } from '../tools/tool-choice.js';
import type { ToolFields } from './tool-fields.js';

/** `none` leaves the tools out: what the model is not told of it does not call. Throws `invalid_argument`. */
export function chatTools(body: ToolFields): { tools: readonly Tool[]; toolChoice: ToolChoice } {
  const tools = (body.tools ?? []).map(toTool);
  checkStrict(body.tools ?? []);
  const toolChoice = choiceOf(body);
  const offered = new Set(tools.map(({ name }) => name));
  const missing = toolChoice.names?.find((name) => !offered.has(name));
  if (missing !== undefined) throw wrongChoice(`names the function ${missing}, which is not among the tools`);
  if (toolChoice.mode === 'required' && tools.length === 0)
    throw wrongChoice('requires tools, but there are none');
  return { tools: body.tool_choice === 'none' ? [] : tools, toolChoice };
}

type BodyTool = NonNullable<ToolFields['tools']>[number];

function toTool({ function: { name, description, parameters, strict } }: BodyTool): Tool {
  // OpenAI: no parameters means no arguments. Held to where it is strict; else the arguments stay open.
  const schema = parameters ?? (strict ? { type: 'object', properties: {} } : undefined);
  return { name, description, parameters: schema };
}

/** A strict schema is held to in all it says, or refused; else what the grammar does not know is left to the model. */
function checkStrict(tools: readonly BodyTool[]): void {
  for (const [i, { function: given }] of tools.entries()) {
    const problem = given.strict && given.parameters ? schemaProblem(given.parameters) : undefined;
    if (problem === undefined) continue;
    const field = `tools[${i}].function.parameters`;
    throw new AppError('invalid_argument', `${field}: ${problem}.`, { field });
  }
}

function choiceOf({
  tool_choice: given = 'auto',
  parallel_tool_calls: parallel = true,
}: ToolFields): ToolChoice {
  if (given === 'none') return { mode: 'auto', parallel };
  if (typeof given === 'string') return { mode: given, parallel };
  // A function by its name is called once.
  if (given.type === 'function') return { mode: 'required', names: [given.function.name], parallel: false };
  const { mode, tools } = given.allowed_tools;
  return { mode, names: tools.map((one) => one.function.name), parallel };
}

function wrongChoice(problem: string): AppError {
  return new AppError('invalid_argument', `tool_choice: ${problem}.`, { field: 'tool_choice' });
}
