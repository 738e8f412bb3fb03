// The repository's own prompts in six families, as the bench and the model tests use them.
import { readFileSync } from 'node:fs';

export interface FamilyPrompt {
  readonly family: string;
  readonly text: string;
  /** What was asked before, where that matters. */
  readonly before?: readonly string[];
}

const FOLDER = new URL('../../../bench/prompts/', import.meta.url);

export function familyPrompts(): FamilyPrompt[] {
  return promptsOf('families.json');
}

/** Prompts whose answers repeat much of them. */
export function copyPrompts(): FamilyPrompt[] {
  return promptsOf('copies.json');
}

/** Prompts whose answers repeat answers to similar ones. */
export function againPrompts(): FamilyPrompt[] {
  const families = read<Record<string, { before: string[]; asked: string }[]>>('again.json');
  return Object.entries(families).flatMap(([family, each]) =>
    each.map(({ asked: text, before }) => ({ family, text, before })),
  );
}

function promptsOf(file: string): FamilyPrompt[] {
  const families = read<Record<string, string[]>>(file);
  return Object.entries(families).flatMap(([family, texts]) => texts.map((text) => ({ family, text })));
}

function read<Content>(file: string): Content {
  return JSON.parse(readFileSync(new URL(file, FOLDER), 'utf8'));
}
