// The repository's own prompts in six families, as the bench and the model tests use them.
import { readFileSync } from 'node:fs';

export interface FamilyPrompt {
  readonly family: string;
  readonly text: string;
}

const FOLDER = new URL('../../../bench/prompts/', import.meta.url);

export function familyPrompts(): FamilyPrompt[] {
  return promptsOf('families.json');
}

/** Prompts whose answers repeat much of them. */
export function copyPrompts(): FamilyPrompt[] {
  return promptsOf('copies.json');
}

function promptsOf(file: string): FamilyPrompt[] {
  const families = JSON.parse(readFileSync(new URL(file, FOLDER), 'utf8')) as Record<string, string[]>;
  return Object.entries(families).flatMap(([family, texts]) => texts.map((text) => ({ family, text })));
}
