// From a checked Responses body to the domain's request.
import type { GenerationRequest } from '../generation/generation-request.js';
import { newId } from '../generation/new-id.js';
import { withOwnGrammar } from '../openai/own-grammar.js';
import { generation } from '../openai/to-generation.js';
import { chatTools } from '../openai/to-tools.js';
import { inputMessages } from './input-messages.js';
import type { ResponsesBody } from './responses-schema.js';
import { formatGrammar } from './text-format.js';
import { chatToolFields } from './tool-fields.js';

export function responsesGeneration(
  body: ResponsesBody,
  sessionHeader: string | undefined,
): GenerationRequest {
  const messages = inputMessages(body.input, body.instructions);
  const input = { kind: 'chat', messages, ...chatTools(chatToolFields(body)) } as const;
  const request = generation(newId('resp_'), input, body.max_output_tokens, body, sessionHeader);
  return withOwnGrammar(request, formatGrammar(body.text?.format));
}
