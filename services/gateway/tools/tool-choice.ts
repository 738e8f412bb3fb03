// Which of its tools a model may call, and how often.
import type { Tool } from '#libs/tokenizer/index.js';

export interface ToolChoice {
  /** `required`: the answer is calls and nothing else. */
  readonly mode: 'auto' | 'required';
  /** Functions that may be called; undefined: all. */
  readonly names?: readonly string[] | undefined;
  /** More than one call in an answer. */
  readonly parallel: boolean;
}

export const FREE_CHOICE: ToolChoice = { mode: 'auto', parallel: true };

export function callableTools(tools: readonly Tool[], { names }: ToolChoice): readonly Tool[] {
  return names === undefined ? tools : tools.filter(({ name }) => names.includes(name));
}
