// Spec-Bench's way of measuring (Xia et al., arXiv 2401.07851) on its question file: every question with its turns, greedy,
// plain and with speculation, one after the other in alternating order.
import { openModelFolder } from '#libs/models/index.js';
import { realModels } from '../test/support/models.js';
import { startTestStack } from '../test/support/test-stack.js';
import { type Machine, thisMachine } from './machine.js';
import type { SpecBenchQuestion } from './spec-bench-questions.js';
import { sum } from './statistics.js';
import { type ChatTiming, type Message, streamedChat } from './streamed-chat.js';

export interface SpecBenchOptions {
  readonly questions: readonly SpecBenchQuestion[];
  readonly name: string;
  readonly maxTokens: number;
  readonly onProgress: (done: number) => void;
}

export interface SpecBenchResult {
  readonly kind: 'spec-bench';
  readonly machine: Machine;
  readonly models: { readonly target: string; readonly draft: string };
  /** The question file's name. */
  readonly questions: string;
  readonly maxTokens: number;
  readonly answers: readonly SpecBenchAnswer[];
}

export interface SpecBenchAnswer {
  readonly category: string;
  readonly plain: QuestionTiming;
  readonly speculative: QuestionTiming;
  /** Turns whose texts are equal, of how many. */
  readonly equal: number;
  readonly turns: number;
}

/** Over a question's turns. */
export interface QuestionTiming {
  readonly tokens: number;
  /** From sending to the last piece of text. */
  readonly ms: number;
  /** From the first piece of text to the last. */
  readonly decodeMs: number;
  readonly rounds: number;
}

export async function measureSpecBench({
  questions,
  name,
  maxTokens,
  onProgress,
}: SpecBenchOptions): Promise<SpecBenchResult> {
  const { targetFolder, draftFolder } = await realModels();
  const { manifest } = await openModelFolder(targetFolder);
  const draft = (await openModelFolder(draftFolder)).manifest.name;
  const stack = await startTestStack({}, {}, 'verifier');
  const ask = (messages: readonly Message[], enabled: boolean, sessionId: string) =>
    streamedChat(messages, {
      url: stack.url,
      model: manifest.name,
      maxTokens,
      temperature: 0,
      speculation: { enabled },
      sessionId: `${sessionId}-${enabled}`,
      // Neither way finds in its cache what the other has read.
      cache_salt: `${sessionId}-${enabled}`,
    });
  try {
    for (const enabled of [false, true]) await ask([{ role: 'user', content: 'Hello' }], enabled, 'warm-up');
    const answers: SpecBenchAnswer[] = [];
    for (const [i, question] of questions.entries()) {
      answers.push(await measureQuestion(question, ask, i % 2 === 0));
      onProgress(i + 1);
    }
    const models = { target: `${manifest.name} (${manifest.quantisation})`, draft };
    return { kind: 'spec-bench', machine: thisMachine(), models, questions: name, maxTokens, answers };
  } finally {
    await stack.stop();
  }
}

type Ask = (messages: readonly Message[], enabled: boolean, sessionId: string) => Promise<ChatTiming>;

/** Both ways answer the same conversation: the one that plain decoding leads. */
async function measureQuestion(
  { id, category, turns }: SpecBenchQuestion,
  ask: Ask,
  plainFirst: boolean,
): Promise<SpecBenchAnswer> {
  const messages: Message[] = [];
  const timings = { false: [] as ChatTiming[], true: [] as ChatTiming[] };
  let equal = 0;
  for (const content of turns) {
    messages.push({ role: 'user', content });
    for (const enabled of plainFirst ? [false, true] : [true, false])
      timings[`${enabled}`].push(await ask(messages, enabled, id));
    const plain = timings.false.at(-1)!;
    if (timings.true.at(-1)!.text === plain.text) equal++;
    messages.push({ role: 'assistant', content: plain.text });
  }
  const total = (answers: readonly ChatTiming[]): QuestionTiming => ({
    tokens: sum(answers.map(({ completionTokens }) => completionTokens)),
    ms: sum(answers.map(({ firstMs, decodeMs }) => firstMs + decodeMs)),
    decodeMs: sum(answers.map(({ decodeMs }) => decodeMs)),
    rounds: sum(answers.map(({ rounds }) => rounds.rounds)),
  });
  const [plain, speculative] = [total(timings.false), total(timings.true)];
  return { category, plain, speculative, equal, turns: turns.length };
}
