// Reads a JSON object from a checkpoint folder, within a size limit.
import { existsSync } from 'node:fs';
import { BinaryFile } from '../binary-file.js';
import { damaged } from '../damaged.js';

export type JsonObject = Record<string, unknown>;

const MAX_BYTES = 64 << 20;

/** Throws `failed_precondition` if the file is missing, too large, or not a JSON object. */
export function readJsonFile(path: string): JsonObject {
  const file = BinaryFile.open(path);
  try {
    if (file.size > MAX_BYTES)
      throw damaged(path, `it has ${file.size} bytes, more than ${MAX_BYTES} for JSON`);
    return parseJsonObject(path, file.read(0, file.size, 'the file').toString('utf8'));
  } finally {
    file.close();
  }
}

/** Null if there is no such file. */
export function readOptionalJsonFile(path: string): JsonObject | null {
  return existsSync(path) ? readJsonFile(path) : null;
}

/** Throws `failed_precondition` unless the text is a JSON object. */
export function parseJsonObject(path: string, text: string): JsonObject {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw damaged(path, 'this is not valid JSON', cause);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw damaged(path, 'this is not a JSON object');
  }
  return value as JsonObject;
}
