// The prompts that a tuning measures on: a text file with one a line, or a JSON array of strings.
import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { AppError, validated } from '#libs/errors/index.js';

const MOST = 64;
const schema = z.array(z.string().min(1)).min(1).max(MOST);

/** @throws AppError that names the file. */
export async function readPrompts(file: string): Promise<string[]> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (cause) {
    throw new AppError('invalid_argument', `--prompts: ${file} cannot be read: ${(cause as Error).message}`, {
      cause,
    });
  }
  if (text.trimStart().startsWith('[')) return validated(schema, parsed(text, file), `--prompts: ${file}`);
  const lines = text.split('\n').map((line) => line.trim());
  return validated(
    schema,
    lines.filter((line) => line !== ''),
    `--prompts: ${file}`,
  );
}

function parsed(text: string, file: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new AppError(
      'invalid_argument',
      `--prompts: ${file} begins like JSON and is not: ${(cause as Error).message}`,
      { cause },
    );
  }
}
