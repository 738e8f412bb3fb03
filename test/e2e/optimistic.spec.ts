// A draft that works ahead while the target verifies, on real weights through real processes: the text is the same, tokens
// were there before they were asked for, and several sessions at once don't disturb each other.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { realModels } from '../support/models.js';
import { familyPrompts } from '../support/prompts.js';
import { startTestStack, type TestStack } from '../support/test-stack.js';

const PROMPTS = familyPrompts()
  .filter((_, i) => i % 12 === 0)
  .map(({ text }) => text);
const LAWS = [{ temperature: 0 }, { temperature: 0.8, top_p: 0.95, seed: 11 }];

let stack: TestStack;
before(async () => {
  // The bundled draft reads the target's features, and such drafts never work ahead. The target is a draft too.
  stack = await startTestStack({}, { draftFolder: (await realModels()).targetFolder });
});
after(() => stack.stop());

interface Answer {
  readonly choices: readonly [{ readonly message: { readonly content: string } }];
  readonly metrics: {
    readonly outrider: { readonly drafted_ahead: number; readonly draft_failures: number };
    readonly speculative_decoding: { readonly num_draft_tokens: number };
  };
}

async function ask(content: string, law: object, speculation: object): Promise<Answer> {
  const response = await fetch(`${stack.url}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      model: 'smollm2-135m-instruct',
      messages: [{ role: 'user', content }],
      max_tokens: 32,
      speculation: { method: 'draft_model', num_speculative_tokens: 2, ...speculation },
      ...law,
    }),
  });
  assert.equal(response.status, 200);
  return (await response.json()) as Answer;
}

const textOf = ({ choices }: Answer) => choices[0].message.content;

for (const law of LAWS)
  test(`the text is the same with work ahead, ${JSON.stringify(law)}`, async () => {
    let ahead = 0;
    for (const prompt of PROMPTS) {
      const off = await ask(prompt, law, { optimistic: 'off' });
      const on = await ask(prompt, law, { optimistic: 'on' });
      assert.equal(textOf(on), textOf(off));
      assert.equal(off.metrics.outrider.drafted_ahead, 0);
      for (const { metrics } of [off, on]) assert.equal(metrics.outrider.draft_failures, 0);
      const { num_draft_tokens: drafted } = on.metrics.speculative_decoding;
      assert.ok(on.metrics.outrider.drafted_ahead <= drafted);
      ahead += on.metrics.outrider.drafted_ahead;
    }
    assert.ok(ahead > 0, 'nothing was drafted ahead');
  });

test('sessions at once are each told what they are told alone', async () => {
  const [law] = LAWS;
  const alone: string[] = [];
  for (const prompt of PROMPTS) alone.push(textOf(await ask(prompt, law!, { enabled: false })));
  const together = await Promise.all(PROMPTS.map((prompt) => ask(prompt, law!, { optimistic: 'on' })));
  assert.deepEqual(together.map(textOf), alone);
  for (const { metrics } of together) {
    assert.equal(metrics.outrider.draft_failures, 0);
    assert.ok(metrics.speculative_decoding.num_draft_tokens > 0);
  }
});
