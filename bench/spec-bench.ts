// Spec-Bench's way of measuring (Xia et al., arXiv 2401.07851) on its question file: every question with its turns, greedy,
// plain and with speculation, one after the other in alternating order. Speed is new tokens over wall time, prefill
// included, a question; the speed-up of a category is the ratio of the mean speeds.
import { openModelFolder } from '#libs/models/index.js';
import { realModels } from '../test/support/models.js';
import { startTestStack } from '../test/support/test-stack.js';
import { table } from './markdown-table.js';
import type { SpecBenchQuestion } from './spec-bench-questions.js';
import { sum } from './statistics.js';
import { type ChatTiming, type Message, streamedChat } from './streamed-chat.js';

export interface SpecBenchOptions {
  readonly questions: readonly SpecBenchQuestion[];
  readonly maxTokens: number;
  readonly onProgress: (done: number) => void;
}

export interface SpecBenchAnswer {
  readonly category: string;
  readonly plain: QuestionTiming;
  readonly speculative: QuestionTiming;
  /** Turns whose texts are equal, of how many. */
  readonly equal: number;
  readonly turns: number;
}

export interface QuestionTiming {
  readonly tokens: number;
  readonly ms: number;
  readonly rounds: number;
}

export async function measureSpecBench({
  questions,
  maxTokens,
  onProgress,
}: SpecBenchOptions): Promise<SpecBenchAnswer[]> {
  const { manifest } = await openModelFolder((await realModels()).targetFolder);
  const stack = await startTestStack();
  const ask = (messages: readonly Message[], enabled: boolean, sessionId: string) =>
    streamedChat(messages, {
      url: stack.url,
      model: manifest.name,
      maxTokens,
      temperature: 0,
      speculation: { enabled },
      sessionId: `${sessionId}-${enabled}`,
    });
  try {
    for (const enabled of [false, true]) await ask([{ role: 'user', content: 'Hello' }], enabled, 'warm-up');
    const answers: SpecBenchAnswer[] = [];
    for (const [i, question] of questions.entries()) {
      answers.push(await measureQuestion(question, ask, i % 2 === 0));
      onProgress(i + 1);
    }
    return answers;
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
    rounds: sum(answers.map(({ rounds }) => rounds.rounds)),
  });
  const [plain, speculative] = [total(timings.false), total(timings.true)];
  return { category, plain, speculative, equal, turns: turns.length };
}

/** The benchmark's own table: a category a row, then all. */
export function specBenchTable(answers: readonly SpecBenchAnswer[]): string {
  const categories = [...new Set(answers.map(({ category }) => category))];
  const rows = categories.map((name) =>
    row(
      name,
      answers.filter(({ category }) => category === name),
    ),
  );
  const header = [
    'category',
    'questions',
    'plain tokens/s',
    'tokens/s',
    'speed-up',
    'mean accepted tokens',
    'equal texts',
  ];
  return table(header, [...rows, row('overall', answers)]);
}

function row(name: string, answers: readonly SpecBenchAnswer[]): string[] {
  const speed = (which: 'plain' | 'speculative') =>
    mean(answers.map((answer) => (1000 * answer[which].tokens) / answer[which].ms));
  const [plain, speculative] = [speed('plain'), speed('speculative')];
  const tokens = sum(answers.map((answer) => answer.speculative.tokens));
  const rounds = sum(answers.map((answer) => answer.speculative.rounds));
  const equal = `${sum(answers.map((answer) => answer.equal))}/${sum(answers.map(({ turns }) => turns))}`;
  return [
    name,
    String(answers.length),
    plain.toFixed(1),
    speculative.toFixed(1),
    `${(speculative / plain).toFixed(2)}×`,
    (tokens / rounds).toFixed(2),
    equal,
  ];
}

function mean(values: readonly number[]): number {
  return sum(values) / values.length;
}
