// Turns messages into the one text that the model was trained on, by the Jinja template that came with it.
import { Template } from '@huggingface/jinja';
import { AppError } from '#libs/errors/index.js';
import type { ChatMessage } from './chat-message.js';

export class ChatTemplate {
  readonly #template: Template;

  /**
   * `variables`: what templates expect beside the messages (bos_token, eos_token, …).
   * Throws `failed_precondition` when the template itself is broken.
   */
  constructor(
    source: string,
    private readonly variables: Readonly<Record<string, string>>,
  ) {
    try {
      this.#template = new Template(source);
    } catch (cause) {
      throw new AppError('failed_precondition', `The chat template is broken: ${messageOf(cause)}`, {
        cause,
      });
    }
  }

  /** Throws `invalid_argument` (field `messages`) when the template refuses the messages. */
  render(messages: readonly ChatMessage[], addGenerationPrompt: boolean): string {
    try {
      return this.#template.render({
        ...this.variables,
        messages: messages.map((message) => ({ ...message })),
        add_generation_prompt: addGenerationPrompt,
      });
    } catch (cause) {
      const reason = `The model's chat template refuses these messages: ${messageOf(cause)}`;
      throw new AppError('invalid_argument', reason, { field: 'messages', cause });
    }
  }
}

function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}
