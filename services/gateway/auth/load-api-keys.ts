// Reads the keys from where the configuration says they are, and again when the file has changed: a key that is withdrawn
// there is refused some seconds later, without a restart.
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

export interface KeyRefresh {
  readonly onRenewed?: (keys: ApiKeys) => void;
  /** Told once of a file that can't be used: the last good keys stay in use. */
  readonly onUnusable?: (error: AppError) => void;
  readonly refreshMs?: number;
}

const REFRESH_MS = 5_000;

/** As `loadApiKeys`, kept up with the file for as long as the process lives, which it doesn't prolong. */
export async function openApiKeys(settings: ApiKeySettings, refresh: KeyRefresh = {}): Promise<ApiKeys> {
  const keys = await loadApiKeys(settings);
  if (settings.apiKeyFile === undefined) return keys;
  const { onRenewed, onUnusable, refreshMs = REFRESH_MS } = refresh;
  let complaint: string | undefined;
  const renew = async (): Promise<void> => {
    try {
      const next = await loadApiKeys(settings);
      complaint = undefined;
      if (keys.equals(next)) return;
      keys.renew(next);
      onRenewed?.(keys);
    } catch (thrown) {
      const error = AppError.from(thrown);
      if (error.message !== complaint) onUnusable?.(error);
      complaint = error.message;
    }
  };
  setInterval(() => void renew(), refreshMs).unref();
  return keys;
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
