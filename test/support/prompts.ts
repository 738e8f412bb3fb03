// The repository's own prompts in six families, as the bench and the model tests use them.
import { readFileSync } from 'node:fs';

export interface FamilyPrompt {
  readonly family: string;
  readonly text: string;
}

const FILE = new URL('../../../bench/prompts/families.json', import.meta.url);

export function familyPrompts(): FamilyPrompt[] {
  const families = JSON.parse(readFileSync(FILE, 'utf8')) as Record<string, string[]>;
  return Object.entries(families).flatMap(([family, texts]) => texts.map((text) => ({ family, text })));
}
