// All files below a folder with a given ending, sorted; node:fs globSync needs Node 22.
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

export function globSync(folder: string, ending: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true })
    .map(String)
    .filter((name) => name.endsWith(ending))
    .map((name) => join(folder, name))
    .sort();
}
