// Where the tests that need the real target find its GGUF file.
import { existsSync } from 'node:fs';

/** Path of SmolLM2-135M-Instruct.Q4_1.gguf, or null if this machine has none. */
export function targetGguf(): string | null {
  const path = process.env.OUTRIDER_TEST_GGUF;
  if (path === undefined || path === '') return null;
  if (!existsSync(path)) throw new Error(`OUTRIDER_TEST_GGUF names ${path}, which does not exist.`);
  return path;
}
