// Spec-Bench's question file (github.com/hemingkx/Spec-Bench, data/spec_bench/question.jsonl), which the user brings: JSON
// lines with `question_id`, `category` and `turns`. Its questions are for judging: nothing here was tuned on them.
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { AppError } from '#libs/errors/index.js';

const questionSchema = z.object({
  question_id: z.union([z.number(), z.string()]),
  category: z.string().min(1),
  turns: z.array(z.string().min(1)).min(1),
});

export interface SpecBenchQuestion {
  readonly id: string;
  readonly category: string;
  /** What the user says, turn by turn. */
  readonly turns: readonly string[];
}

/** MT-bench's categories, which the benchmark's table shows as one. */
const MT_BENCH = new Set([
  'writing',
  'roleplay',
  'reasoning',
  'math',
  'coding',
  'extraction',
  'stem',
  'humanities',
]);

/** @throws AppError invalid_argument that names the file and the line. */
export function readQuestions(file: string): SpecBenchQuestion[] {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (cause) {
    throw new AppError('invalid_argument', `Cannot read the questions: ${(cause as Error).message}`, {
      cause,
    });
  }
  const questions = text
    .split('\n')
    .flatMap((line, i) => (line.trim() === '' ? [] : [parse(line, `${file}:${i + 1}`)]));
  if (questions.length === 0) throw new AppError('invalid_argument', `${file} holds no question.`);
  return questions;
}

function parse(line: string, where: string): SpecBenchQuestion {
  let json: unknown;
  try {
    json = JSON.parse(line);
  } catch (cause) {
    throw new AppError('invalid_argument', `${where} is no JSON: ${(cause as Error).message}`, { cause });
  }
  const parsed = questionSchema.safeParse(json);
  if (!parsed.success)
    throw new AppError('invalid_argument', `${where} is no question: ${z.prettifyError(parsed.error)}`);
  const { question_id, category, turns } = parsed.data;
  return { id: String(question_id), category: MT_BENCH.has(category) ? 'mt_bench' : category, turns };
}
