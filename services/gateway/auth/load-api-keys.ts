// Reads the keys from where the configuration says they are.
import { readFile } from 'node:fs/promises';
import { AppError } from '#libs/errors/index.js';
import { ApiKeys, type KeySource } from './api-keys.js';

export interface ApiKeySettings {
  /** Separated by commas. */
  readonly apiKeys: string | undefined;
  /** One a line; empty lines and those that begin with # say nothing. */
  readonly apiKeyFile: string | undefined;
}

/** Throws `failed_precondition` when the file can't be read or holds no key: never open by mistake. */
export async function loadApiKeys({ apiKeys, apiKeyFile }: ApiKeySettings): Promise<ApiKeys> {
  const sources: KeySource[] = [];
  if (apiKeys !== undefined)
    sources.push({ origin: 'OUTRIDER_API_KEYS', entries: nonEmpty(apiKeys.split(',')) });
  if (apiKeyFile !== undefined) {
    const lines = nonEmpty((await read(apiKeyFile)).split('\n'));
    sources.push({ origin: apiKeyFile, entries: lines.filter((line) => !line.startsWith('#')) });
  }
  return ApiKeys.of(sources);
}

async function read(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    const message = `OUTRIDER_API_KEY_FILE: ${path} can't be read: ${(cause as Error).message}.`;
    throw new AppError('failed_precondition', message, { cause });
  }
}

function nonEmpty(texts: readonly string[]): string[] {
  return texts.map((text) => text.trim()).filter((text) => text !== '');
}
