// From a checked Responses body to the domain's request.
import type { GenerationRequest } from '../generation/generation-request.js';
import { generation } from '../openai/to-generation.js';
import { inputMessages } from './input-messages.js';
import type { ResponsesBody } from './responses-schema.js';

export function responsesGeneration(
  body: ResponsesBody,
  sessionHeader: string | undefined,
): GenerationRequest {
  const messages = inputMessages(body.input, body.instructions);
  return generation('resp_', { kind: 'chat', messages }, body.max_output_tokens, body, sessionHeader);
}
