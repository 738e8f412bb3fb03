// The forms in which models write calls, one row a form: what the parser looks for and what a grammar forces.
import type { ToolCallFormat } from '#libs/tokenizer/index.js';

export interface CallSyntax {
  /** Opens a block of calls within text; empty: the answer is a call, or no call at all. */
  readonly open: string;
  /** Closes the block; may be missing in what a model writes. */
  readonly close: string;
  /** Characters between the calls of one answer, besides white space. */
  readonly between: string;
  /** The text before a call's arguments when it is forced. */
  begin(name: string): string;
  /** The text behind them. */
  readonly end: string;
  /** Between two forced calls. */
  readonly separator: string;
  /** The model takes more than one call in an answer; Llama's templates refuse a history with more. */
  readonly isRepeatable: boolean;
  /** Text that only a call begins with. */
  readonly trigger: string;
}

export const CALL_SYNTAX: Readonly<Record<ToolCallFormat, CallSyntax>> = {
  hermes: {
    open: '<tool_call>',
    close: '</tool_call>',
    // Some models put an array of calls between one pair of tags.
    between: '[],',
    begin: (name) => `<tool_call>\n{"name": "${name}", "arguments": `,
    end: '}\n</tool_call>',
    separator: '\n',
    isRepeatable: true,
    trigger: '<tool_call>',
  },
  llama: {
    open: '',
    close: '',
    between: ';,',
    begin: (name) => `{"name": "${name}", "parameters": `,
    end: '}',
    separator: '; ',
    isRepeatable: false,
    trigger: '{"name": "',
  },
};
