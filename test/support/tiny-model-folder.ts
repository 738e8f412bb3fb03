// A model folder without weights for tests of what lies around a model: a byte-level tokenizer of 259 tokens (every
// byte is a token, plus three special ones) with a ChatML template, and its manifest.
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fingerprintOfTokenizerJson } from '#libs/tokenizer/index.js';

export const IM_START = 256;
export const IM_END = 257;
export const TINY_CONTEXT_LENGTH = 512;
export const TINY_MODEL = 'tiny';

/** GPT-2's printable stand-ins for bytes. [256] */
function byteCharacters(): string[] {
  let spare = 256;
  return Array.from({ length: 256 }, (_, byte) => {
    const printable =
      (byte >= 33 && byte <= 126) || (byte >= 161 && byte <= 172) || (byte >= 174 && byte <= 255);
    return String.fromCharCode(printable ? byte : spare++);
  });
}

const special = (id: number, content: string) => ({
  id,
  content,
  special: true,
  single_word: false,
  lstrip: false,
  rstrip: false,
  normalized: false,
});

const TOKENIZER = {
  version: '1.0',
  truncation: null,
  padding: null,
  added_tokens: [
    special(IM_START, '<|im_start|>'),
    special(IM_END, '<|im_end|>'),
    special(258, '<|endoftext|>'),
  ],
  normalizer: null,
  pre_tokenizer: { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: true },
  post_processor: null,
  decoder: { type: 'ByteLevel', add_prefix_space: true, trim_offsets: true, use_regex: true },
  model: {
    type: 'BPE',
    dropout: null,
    unk_token: null,
    continuing_subword_prefix: null,
    end_of_word_suffix: null,
    fuse_unk: false,
    byte_fallback: false,
    ignore_merges: false,
    vocab: Object.fromEntries(byteCharacters().map((character, id) => [character, id])),
    merges: [],
  },
};

const CHAT_TEMPLATE =
  "{% for message in messages %}{{ '<|im_start|>' + message['role'] + '\\n' + message['content'] + '<|im_end|>\\n' }}" +
  "{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}";

/** Writes the folder below the system's temporary one; the caller removes it. */
export async function makeTinyModelFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'tiny-model-'));
  const manifest = {
    format: 1,
    name: TINY_MODEL,
    architecture: 'llama',
    quantisation: 'f32',
    vocabSize: 259,
    headSize: 259,
    headTokenIds: null,
    hiddenSize: 8,
    numLayers: 1,
    numHeads: 1,
    numKvHeads: 1,
    headDim: 8,
    contextLength: TINY_CONTEXT_LENGTH,
    layerSkip: false,
    bosTokenId: IM_START,
    eosTokenIds: [IM_END],
    vocabularyFingerprint: fingerprintOfTokenizerJson(TOKENIZER as never),
    license: 'Apache-2.0',
    files: {},
  };
  await writeFile(join(folder, 'tokenizer.json'), JSON.stringify(TOKENIZER));
  await writeFile(
    join(folder, 'tokenizer_config.json'),
    JSON.stringify({ bos_token: '<|im_start|>', eos_token: '<|im_end|>', chat_template: CHAT_TEMPLATE }),
  );
  await writeFile(join(folder, 'outrider.json'), JSON.stringify(manifest));
  return folder;
}

/** One token a byte of UTF-8. */
export function bytesOf(text: string): number[] {
  return [...Buffer.from(text)];
}
