// The Messages API as Anthropic's own client speaks it, and the one question of its tests.
import Anthropic from '@anthropic-ai/sdk';
import { STORY } from './gateway-harness.js';
import { bytesOf } from './tiny-model-folder.js';

export const ASK = {
  model: 'tiny',
  max_tokens: 200,
  messages: [{ role: 'user' as const, content: 'Tell me a story.' }],
};

export const PROMPT_TOKENS = 3 + bytesOf('user\nTell me a story.\nassistant\n').length;
export const ANSWER_TOKENS = bytesOf(STORY).length + 1;

/** Never retries: what a test sees is one answer of the gateway. */
export function anthropicClient(url: string): Anthropic {
  return new Anthropic({ baseURL: url, apiKey: 'unused', maxRetries: 0 });
}
