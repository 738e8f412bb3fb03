// Turns messages into the one text that the model was trained on, by the Jinja template that came with it.
import { Template } from '@huggingface/jinja';
import { AppError } from '#libs/errors/index.js';
import type { ChatMessage, Tool } from './chat-message.js';
import { messageObject, toolObject } from './template-input.js';
import type { ChatTemplateSource } from './tokenizer-files.js';
import { type ToolCallFormat, toolCallFormatOf } from './tool-call-format.js';
import { toolsInWords } from './tools-in-words.js';

export interface TemplateOptions {
  /** Open the assistant's turn. Default true. */
  readonly addGenerationPrompt?: boolean;
  /** Functions that the model is told of. */
  readonly tools?: readonly Tool[];
}

export class ChatTemplate {
  readonly #plain: Template;
  readonly #withTools: Template;
  /** Undefined: the template does not know tools. */
  readonly #ownFormat: ToolCallFormat | undefined;

  /**
   * `variables`: what templates expect beside the messages (bos_token, eos_token, …).
   * Throws `failed_precondition` when the template itself is broken.
   */
  constructor(
    { plain, tools }: ChatTemplateSource,
    private readonly variables: Readonly<Record<string, string>>,
  ) {
    try {
      this.#plain = new Template(plain);
      this.#withTools = tools === plain ? this.#plain : new Template(tools);
    } catch (cause) {
      throw new AppError('failed_precondition', `The chat template is broken: ${messageOf(cause)}`, {
        cause,
      });
    }
    this.#ownFormat = toolCallFormatOf((messages, tools) => this.#render(messages, tools, false));
  }

  /** How the model writes the calls of tools that `render` told it of. */
  get toolCallFormat(): ToolCallFormat {
    return this.#ownFormat ?? 'hermes';
  }

  /** Throws `invalid_argument` (field `messages`) when the template refuses the messages. */
  render(
    messages: readonly ChatMessage[],
    { addGenerationPrompt = true, tools = [] }: TemplateOptions = {},
  ): string {
    const needsWords = this.#ownFormat === undefined && knowsOfTools(messages, tools);
    try {
      return needsWords
        ? this.#render(toolsInWords(messages, tools), [], addGenerationPrompt)
        : this.#render(messages, tools, addGenerationPrompt);
    } catch (cause) {
      const reason = `The model's chat template refuses these messages: ${messageOf(cause)}`;
      throw new AppError('invalid_argument', reason, { field: 'messages', cause });
    }
  }

  #render(messages: readonly ChatMessage[], tools: readonly Tool[], addGenerationPrompt: boolean): string {
    const template = knowsOfTools(messages, tools) ? this.#withTools : this.#plain;
    return template.render({
      ...this.variables,
      messages: messages.map(messageObject),
      ...(tools.length > 0 && { tools: tools.map(toolObject) }),
      add_generation_prompt: addGenerationPrompt,
    });
  }
}

function knowsOfTools(messages: readonly ChatMessage[], tools: readonly Tool[]): boolean {
  return tools.length > 0 || messages.some(({ role, toolCalls }) => role === 'tool' || toolCalls?.length);
}

function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}
