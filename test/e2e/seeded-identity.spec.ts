// A seed's promise on real weights through real processes: the text of a sampled, seeded request is the same with
// speculation off or on, at any gamma, and when the draft or the verifier is killed in the middle of it.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type OpenAI from 'openai';
import {
  type ChatAnswer,
  type ChatOptions,
  openAiClient,
  someAtATime,
  streamedChat,
  userSays,
  wholeChat,
} from '../support/chat.js';
import { Topology } from '../support/topology.js';

const MAX_TOKENS = 24;
const TOGETHER = 5;
const TASKS = [
  'Write one line about',
  'What is good about',
  'Name three things one needs for',
  'Explain to a child:',
  'Invent a title for a story about',
];
const SUBJECTS = [
  'a night train',
  'baking bread',
  'a lighthouse',
  'learning chess',
  'rain in the city',
  'an old bicycle',
  'growing tomatoes',
  'a lost letter',
  'winter at sea',
  'a small library',
];
const LAWS = [
  { temperature: 0.8 },
  { temperature: 1 },
  { temperature: 0.8, topP: 0.9 },
  { temperature: 1, topP: 0.95 },
];

interface SeededPrompt {
  readonly text: string;
  readonly options: ChatOptions;
}

const prompts: readonly SeededPrompt[] = TASKS.flatMap((task, i) =>
  SUBJECTS.map((subject, j) => ({
    text: `${task} ${subject}`,
    options: { ...LAWS[(i + j) % LAWS.length]!, seed: 1000 * i + j, maxTokens: MAX_TOKENS },
  })),
);

let topology: Topology;
let client: OpenAI;
/** The texts with speculation off. */
const expected: string[] = [];

before(async () => {
  topology = await Topology.start(2, 2);
  client = openAiClient(topology.gateway.url);
  const answers = await asked({ enabled: false });
  expected.push(...answers.map(({ text }) => text));
});

after(() => topology.stop());

/** The answers to all prompts, some of them at a time: what shares a forward must not matter either. */
function asked(speculation: object): Promise<readonly ChatAnswer[]> {
  return someAtATime(prompts, TOGETHER, ({ text, options }) =>
    wholeChat(client, userSays(text), { ...options, speculation }),
  );
}

test('there are fifty prompts, they say different things, and another seed says something else', async () => {
  assert.equal(prompts.length, 50);
  assert.ok(new Set(expected).size >= 48);
  const { text, options } = prompts[0]!;
  const other = await wholeChat(client, userSays(text), { ...options, seed: 5 });
  assert.notEqual(other.text, expected[0]);
});

for (const gamma of [1, 3, 8])
  test(`gamma ${gamma} gives the text of plain decoding for every prompt`, async () => {
    let accepted = 0;
    const answers = await asked({ method: 'draft_model', num_speculative_tokens: gamma });
    for (const [i, answer] of answers.entries()) {
      assert.equal(answer.text, expected[i], prompts[i]!.text);
      assert.equal(answer.metrics.outrider.draft_failures, 0);
      accepted += answer.metrics.speculative_decoding.num_accepted_draft_tokens;
    }
    assert.ok(accepted > 100, `only ${accepted} drafted tokens were accepted`);
  });

/** `midway` is called when the second piece of text comes. */
function streamed(prompt: SeededPrompt, sessionId: string, midway: () => void): Promise<ChatAnswer> {
  const options = { ...prompt.options, sessionId, speculation: { num_speculative_tokens: 2 } };
  return streamedChat(client, userSays(prompt.text), options, (index) => index === 1 && midway());
}

const KILLED = [...prompts.keys()].filter((i) => i % 5 === 1);

test('a draft killed midway changes no text', async () => {
  let failures = 0;
  for (const i of KILLED) {
    const sessionId = `draft-dies-${i}`;
    const draft = await topology.draftOf(sessionId);
    const answer = await streamed(prompts[i]!, sessionId, () => void draft.end('SIGKILL'));
    assert.equal(answer.text, expected[i]);
    failures += answer.metrics.outrider.draft_failures;
    await topology.add('draft');
  }
  assert.ok(failures > 0, 'no generation noticed that its draft had died');
});

test('a verifier killed midway changes no text', async () => {
  let failovers = 0;
  for (const i of KILLED) {
    const sessionId = `verifier-dies-${i}`;
    const verifier = await topology.verifierOf(sessionId);
    const answer = await streamed(prompts[i]!, sessionId, () => void verifier.end('SIGKILL'));
    assert.equal(answer.text, expected[i]);
    failovers += answer.metrics.outrider.failovers;
    await topology.add('verifier');
  }
  assert.ok(failovers >= KILLED.length - 2, `only ${failovers} generations moved to another verifier`);
});
