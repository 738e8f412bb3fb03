// The text of every token without a whole tokenizer: a service that never encodes needs no more of it.
import { readDecoder } from './token-pieces.js';
import { readTokenizerFiles } from './tokenizer-files.js';

/**
 * What each token adds to a text, by id; empty for special tokens and unused ids. A tenth of a second for 50,000 tokens.
 * Throws `failed_precondition` naming what is missing, damaged or not supported.
 */
export async function readTokenBytes(folder: string): Promise<Uint8Array[]> {
  const { json, config } = await readTokenizerFiles(folder);
  const rules = readDecoder(json.decoder);
  const encoder = new TextEncoder();
  const tokens: Uint8Array[] = [];
  const put = (id: number, token: string, added: boolean) => {
    const piece = rules.pieceOf(token, added);
    tokens[id] = typeof piece === 'string' ? encoder.encode(piece) : piece;
  };
  for (const [token, id] of Object.entries(json.model.vocab)) put(id, token, false);
  const alsoSpecial = new Set(config.additional_special_tokens ?? []);
  for (const { id, content, special } of json.added_tokens)
    if (special || alsoSpecial.has(content)) tokens[id] = new Uint8Array(0);
    else put(id, content, true);
  return Array.from(tokens, (token) => token ?? new Uint8Array(0));
}
