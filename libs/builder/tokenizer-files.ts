// The tokenizer's part of a model folder, and the vocabulary's fingerprint for the manifest.
import { join } from 'node:path';
import { fingerprintOfTokenizerJson } from '#libs/tokenizer/index.js';
import type { Checkpoint } from './checkpoint.js';
import { damaged } from './damaged.js';
import { readJsonFile } from './hub/json-file.js';
import type { ModelFolder } from './model-folder.js';

/** Writes the checkpoint's tokenizer, unless `tokenizerFrom` names the target's folder; returns the fingerprint. */
export function addTokenizer(
  folder: ModelFolder,
  checkpoint: Checkpoint,
  tokenizerFrom: string | undefined,
): string {
  if (tokenizerFrom !== undefined) {
    return fingerprintOfTokenizerJson(readJsonFile(join(tokenizerFrom, 'tokenizer.json')));
  }
  const files = checkpoint.tokenizer();
  if (!files)
    throw damaged(checkpoint.path, 'it has no tokenizer; a draft needs tokenizerFrom, a target its own');
  const fingerprint = fingerprintOfTokenizerJson(files.tokenizer);
  folder.write('tokenizer.json', JSON.stringify(files.tokenizer));
  folder.write('tokenizer_config.json', `${JSON.stringify(files.config, null, 2)}\n`);
  return fingerprint;
}
