// A tokenizer's files ↔ wire.
import { AppError } from '#libs/errors/index.js';
import type {
  GetTokenizerResponse__Output as WirePiece,
  GetTokenizerResponse as WirePieceInput,
} from '../generated/outrider/v1/GetTokenizerResponse.js';
import { MAX_TOKENIZER_BYTES } from '../limits.js';
import type { TokenizerBytes, TokenizerPiece } from '../messages.js';

export function tokenizerPieceToWire({ tokenizerJson, tokenizerConfigJson }: TokenizerPiece): WirePieceInput {
  return {
    ...(tokenizerJson && { tokenizerJson }),
    ...(tokenizerConfigJson && { tokenizerConfigJson }),
  };
}

export function tokenizerPieceFromWire({
  tokenizerJson,
  tokenizerConfigJson,
}: WirePiece): Required<TokenizerPiece> {
  return { tokenizerJson, tokenizerConfigJson };
}

/** Puts the files together. Throws `internal` when they are larger than any tokenizer, or missing. */
export async function joinTokenizer(
  pieces: AsyncIterable<Required<TokenizerPiece>>,
): Promise<TokenizerBytes> {
  const json: Uint8Array[] = [];
  const config: Uint8Array[] = [];
  let numBytes = 0;
  for await (const piece of pieces) {
    numBytes += piece.tokenizerJson.length + piece.tokenizerConfigJson.length;
    if (numBytes > MAX_TOKENIZER_BYTES)
      throw new AppError('internal', `The tokenizer has more than ${MAX_TOKENIZER_BYTES} bytes.`);
    if (piece.tokenizerJson.length > 0) json.push(piece.tokenizerJson);
    if (piece.tokenizerConfigJson.length > 0) config.push(piece.tokenizerConfigJson);
  }
  if (json.length === 0) throw new AppError('internal', 'The tokenizer is empty.');
  return { tokenizerJson: Buffer.concat(json), tokenizerConfigJson: Buffer.concat(config) };
}
