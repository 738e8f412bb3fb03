// What a chat is made of, with the calls of tools. Templates get these in the shape that Hugging Face gave them.

export interface ToolCall {
  /** Ties the call to the message with its result. */
  readonly id: string;
  readonly name: string;
  /** JSON text, as the model wrote it: an object unless the model failed. */
  readonly arguments: string;
}

export interface ChatMessage {
  readonly role: string;
  /** Empty where an assistant said nothing beside its calls. */
  readonly content: string;
  /** Of an assistant's message. */
  readonly toolCalls?: readonly ToolCall[] | undefined;
  /** Of a message of role `tool`: which call it answers. */
  readonly toolCallId?: string | undefined;
  readonly name?: string | undefined;
}

/** A function that the model may call. */
export interface Tool {
  readonly name: string;
  readonly description?: string | undefined;
  /** JSON schema of the arguments, an object; undefined leaves them open. */
  readonly parameters?: Readonly<Record<string, unknown>> | undefined;
}
