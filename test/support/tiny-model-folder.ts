// A model folder without weights, for tests of what lies around a model: the byte tokenizer without its merges, so that
// every byte of a text is one token, and a manifest.
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Tokenizer } from '#libs/tokenizer/index.js';
import { byteTokenizerJson, SPECIAL_TOKENS, writeByteTokenizer } from './byte-tokenizer.js';

export const IM_START = SPECIAL_TOKENS.indexOf('<|im_start|>');
export const IM_END = SPECIAL_TOKENS.indexOf('<|im_end|>');

/** One token a byte of UTF-8. */
export function bytesOf(text: string): number[] {
  return [...Buffer.from(text)].map((byte) => byte + SPECIAL_TOKENS.length);
}

/** The text of such tokens; special ones show as control characters. */
export function textOf(tokens: readonly number[]): string {
  return Buffer.from(tokens.map((token) => Math.max(token - SPECIAL_TOKENS.length, 0))).toString();
}

/** A model called "tiny". The caller removes the folder. */
export async function makeTinyModelFolder({ contextLength = 512 } = {}): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'tiny-model-'));
  const { model } = byteTokenizerJson() as { model: object };
  await writeByteTokenizer(folder, { json: { model: { ...model, merges: [] } } });
  const { vocabSize, fingerprint } = await Tokenizer.load(folder);
  const manifest = {
    format: 1,
    name: 'tiny',
    architecture: 'llama',
    quantisation: 'f32',
    vocabSize,
    headSize: vocabSize,
    headTokenIds: null,
    hiddenSize: 8,
    numLayers: 1,
    numHeads: 1,
    numKvHeads: 1,
    headDim: 8,
    contextLength,
    layerSkip: false,
    skipGraph: null,
    batch: null,
    features: null,
    bosTokenId: IM_START,
    eosTokenIds: [IM_END],
    vocabularyFingerprint: fingerprint,
    license: 'Apache-2.0',
    files: {},
  };
  await writeFile(join(folder, 'outrider.json'), JSON.stringify(manifest));
  return folder;
}
