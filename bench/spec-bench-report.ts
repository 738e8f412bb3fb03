// Spec-Bench's table: speed is new tokens over wall time, prefill included, a question; the speed-up of a category is the
// ratio of the mean speeds. Beside it the speed-up behind the first token, since a long prompt takes both the same time.
import { table } from './markdown-table.js';
import type { QuestionTiming, SpecBenchAnswer, SpecBenchResult } from './spec-bench.js';
import { sum } from './statistics.js';

const HEADER = [
  'category',
  'questions',
  'plain tokens/s',
  'tokens/s',
  'speed-up',
  'behind the first token',
  'mean accepted tokens',
  'equal texts',
];

export function specBenchReport({ machine, models, questions, maxTokens, answers }: SpecBenchResult): string {
  return [
    '## By kind of question, short and long',
    `${models.target} with ${models.draft}, ${machine.cores} cores of ${machine.cpu}, Node ${machine.node}, greedy, up to ` +
      `${maxTokens} tokens a turn, every question of ${questions} plain and with speculation in turn. Speed: new tokens over ` +
      'wall time, prompt included, mean over questions. Behind the first token: without the reading of the prompt. ' +
      'Made by `npm run bench -- spec-bench --questions FILE`.',
    specBenchTable(answers),
  ].join('\n\n');
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
  return table(HEADER, [...rows, row('overall', answers)]);
}

function row(name: string, answers: readonly SpecBenchAnswer[]): string[] {
  const whole = ({ tokens, ms }: QuestionTiming) => (1000 * tokens) / ms;
  const plain = mean(answers.map((answer) => whole(answer.plain)));
  const speculative = mean(answers.map((answer) => whole(answer.speculative)));
  const tokens = sum(answers.map((answer) => answer.speculative.tokens));
  const rounds = sum(answers.map((answer) => answer.speculative.rounds));
  const equal = `${sum(answers.map((answer) => answer.equal))}/${sum(answers.map(({ turns }) => turns))}`;
  return [
    name,
    String(answers.length),
    plain.toFixed(1),
    speculative.toFixed(1),
    `${(speculative / plain).toFixed(2)}×`,
    `${decodeSpeedUp(answers).toFixed(2)}×`,
    (tokens / rounds).toFixed(2),
    equal,
  ];
}

/** Of the answers that have more than a token. */
function decodeSpeedUp(answers: readonly SpecBenchAnswer[]): number {
  const long = answers.filter(({ plain, speculative }) => plain.decodeMs > 0 && speculative.decodeMs > 0);
  const speed = (which: 'plain' | 'speculative') =>
    mean(long.map((answer) => (answer[which].tokens - answer.turns) / answer[which].decodeMs));
  return speed('speculative') / speed('plain');
}

function mean(values: readonly number[]): number {
  return sum(values) / values.length;
}
