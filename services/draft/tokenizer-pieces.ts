// The draft's own tokenizer as it travels: for verifiers whose target has another vocabulary.
import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import type { ModelFolder } from '#libs/models/index.js';
import type { TokenizerPiece } from '#libs/rpc/index.js';

/** Bytes of one message: far below the limit. */
const PIECE_BYTES = 256 * 1024;

/** Undefined if the folder has no tokenizer, as that of a draft made for one target. */
export function tokenizerPieces({
  folder,
  manifest,
}: ModelFolder): (() => AsyncGenerator<TokenizerPiece>) | undefined {
  const json = 'tokenizer.json';
  const config = 'tokenizer_config.json';
  if (!(json in manifest.files && config in manifest.files)) return undefined;
  return async function* pieces() {
    for await (const tokenizerJson of read(folder, json)) yield { tokenizerJson };
    for await (const tokenizerConfigJson of read(folder, config)) yield { tokenizerConfigJson };
  };
}

function read(folder: string, file: string): AsyncIterable<Uint8Array> {
  return createReadStream(join(folder, file), { highWaterMark: PIECE_BYTES });
}
