// The promise once more with the draft in the verifier's thread, as `outrider serve` runs it by default: greedy texts and
// those of a seed are the target's own, for one session and for several at a time.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type OpenAI from 'openai';
import {
  type ChatAnswer,
  type ChatOptions,
  openAiClient,
  someAtATime,
  userSays,
  wholeChat,
} from '../support/chat.js';
import { familyPrompts } from '../support/prompts.js';
import { startTestStack, type TestStack } from '../support/test-stack.js';

const TOGETHER = 4;
const LAWS: readonly ChatOptions[] = [{ temperature: 0 }, { temperature: 0.8, seed: 7 }];
/** One of each family. */
const prompts = familyPrompts().filter((_, i) => i % 6 === 0);

let stack: TestStack;
let client: OpenAI;

before(async () => {
  // What was generated before would be drafted at once: little would be left to the draft under test.
  stack = await startTestStack({ OUTRIDER_PAST_OUTPUT_BYTES: '0' }, {}, 'verifier');
  client = openAiClient(stack.url);
});
after(() => stack.stop());

function asked(law: ChatOptions, speculation: object, together = 1): Promise<ChatAnswer[]> {
  return someAtATime(prompts, together, ({ text }) =>
    wholeChat(client, userSays(text), { ...law, maxTokens: 32, speculation }),
  );
}

for (const law of LAWS)
  test(`at temperature ${law.temperature} the texts are those of plain decoding`, async () => {
    const plain = await asked(law, { enabled: false });
    for (const [speculation, together] of [
      [{}, 1],
      [{ method: 'draft_model', num_speculative_tokens: 3 }, 1],
      [{ method: 'draft_model', num_speculative_tokens: 2 }, TOGETHER],
    ] as const) {
      let accepted = 0;
      for (const [i, { text, metrics }] of (await asked(law, speculation, together)).entries()) {
        assert.equal(text, plain[i]!.text, prompts[i]!.text);
        assert.equal(metrics.outrider.draft_failures, 0);
        accepted += metrics.speculative_decoding.num_accepted_draft_tokens;
      }
      assert.ok(accepted > 25, `only ${accepted} drafted tokens were accepted`);
    }
  });

test('no draft is served beside it', async () => {
  assert.equal(stack.pid('draft'), undefined);
  const said = (await (await fetch(`${stack.url}/ready`)).json()) as { drafts: number };
  assert.equal(said.drafts, 0);
});
