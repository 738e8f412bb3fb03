// From a checked Messages body to the domain's request.
import type { GenerationRequest, PromptInput } from '../generation/generation-request.js';
import { newId } from '../generation/new-id.js';
import { schemaGrammar } from '../openai/grammar-fields.js';
import { withOwnGrammar } from '../openai/own-grammar.js';
import { generation } from '../openai/to-generation.js';
import { chatTools } from '../openai/to-tools.js';
import { inputMessages } from './input-messages.js';
import type { CountTokensBody, MessagesBody } from './messages-schema.js';
import { chatToolFields } from './tool-fields.js';

type ChatInput = Extract<PromptInput, { kind: 'chat' }>;

/** What the model reads; counted and answered alike. */
export function chatInput(body: CountTokensBody): ChatInput {
  const messages = inputMessages(body.messages, body.system);
  return { kind: 'chat', messages, ...chatTools(chatToolFields(body)) };
}

export function messagesGeneration(body: MessagesBody, sessionHeader: string | undefined): GenerationRequest {
  const fields = { ...body, stop: body.stop_sequences };
  const request = generation(newId('msg_'), chatInput(body), body.max_tokens, fields, sessionHeader);
  const schema = body.output_config?.format?.schema;
  return withOwnGrammar(request, schema && schemaGrammar(schema, true, 'output_config.format.schema'));
}
