// A small byte-level BPE tokenizer for tests: all 256 bytes, some merges and three special tokens, as its two files.
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Tokenizer } from '#libs/tokenizer/index.js';

const CHAT_TEMPLATE =
  "{% for message in messages %}{% if message['role'] not in ['system', 'user', 'assistant'] %}" +
  "{{ raise_exception('Unknown role: ' + message['role']) }}{% endif %}" +
  "{{ '<|im_start|>' + message['role'] + '\\n' + message['content'] + '<|im_end|>' + '\\n' }}{% endfor %}" +
  "{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}";

/** The byte alphabet in byte order: visible Latin-1 as itself, the rest from U+0100. */
function alphabet(): string[] {
  let next = 0x100;
  return Array.from({ length: 256 }, (_, byte) => {
    const visible = (byte >= 33 && byte <= 126) || (byte >= 161 && byte <= 172) || byte >= 174;
    return String.fromCodePoint(visible ? byte : next++);
  });
}

export const SPECIAL_TOKENS = ['<|endoftext|>', '<|im_start|>', '<|im_end|>'];

export function byteTokenizerJson(): Record<string, unknown> {
  const bytes = alphabet();
  // The first merge is two bytes of an emoji's four, so that tokens end in the middle of a character.
  const emoji = [0xf0, 0x9f].map((byte) => bytes[byte] as string);
  const merges = [
    emoji,
    ['t', 'h'],
    ['th', 'e'],
    ['Ġ', 'the'],
    ['Ġ', 'a'],
    ['l', 'l'],
    ['e', 'll'],
    ['Ġ', 'Ġ'],
  ];
  const tokens = [...SPECIAL_TOKENS, ...bytes, ...merges.map((pair) => pair.join(''))];
  const special = (content: string, id: number) => ({
    id,
    content,
    single_word: false,
    lstrip: false,
    rstrip: false,
    normalized: false,
    special: true,
  });
  return {
    version: '1.0',
    added_tokens: SPECIAL_TOKENS.map(special),
    normalizer: null,
    pre_tokenizer: { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: true },
    post_processor: null,
    decoder: { type: 'ByteLevel', add_prefix_space: true, trim_offsets: true, use_regex: true },
    model: { type: 'BPE', vocab: Object.fromEntries(tokens.map((token, id) => [token, id])), merges },
  };
}

export const BYTE_TOKENIZER_CONFIG = {
  bos_token: '<|im_start|>',
  eos_token: { content: '<|im_end|>' },
  chat_template: CHAT_TEMPLATE,
};

/** Writes tokenizer.json and tokenizer_config.json; `changes` replace fields of either. */
export async function writeByteTokenizer(
  folder: string,
  changes: { readonly json?: Record<string, unknown>; readonly config?: Record<string, unknown> } = {},
): Promise<void> {
  await mkdir(folder, { recursive: true });
  const json = { ...byteTokenizerJson(), ...changes.json };
  await writeFile(join(folder, 'tokenizer.json'), JSON.stringify(json));
  const config = { ...BYTE_TOKENIZER_CONFIG, ...changes.config };
  await writeFile(join(folder, 'tokenizer_config.json'), JSON.stringify(config));
}

/** The tokenizer itself. */
export function byteTokenizer(): Tokenizer {
  const [json, config] = [byteTokenizerJson(), BYTE_TOKENIZER_CONFIG].map((file) => JSON.stringify(file));
  return Tokenizer.parse(json!, config!, 'the test tokenizer');
}
