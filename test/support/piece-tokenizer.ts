// A small tokenizer as of SentencePiece models: a space before every text, ▁ for spaces, pieces that merge across whole
// texts, bytes for what has no piece, and a bos token in front. Another vocabulary than byte-tokenizer.ts.
import { Tokenizer } from '#libs/tokenizer/index.js';

const SPECIAL = ['<unk>', '<s>', '</s>'];
const LETTERS = ['▁', ...'abcdefghijklmnopqrstuvwxyz.,'];
const MERGES = [
  ['▁', '▁'],
  ['▁▁', '▁▁'],
  ['▁', 't'],
  ['h', 'e'],
  ['▁t', 'he'],
  ['o', 'u'],
  ['▁', 'a'],
  ['▁a', 'n'],
  ['▁an', 'd'],
  ['i', 'n'],
  ['in', 'g'],
];

function json(): object {
  const bytes = Array.from({ length: 256 }, (_, byte) => `<0x${hex(byte)}>`);
  const tokens = [...SPECIAL, ...bytes, ...LETTERS, ...MERGES.map((pair) => pair.join(''))];
  return {
    version: '1.0',
    added_tokens: SPECIAL.map((content, id) => ({ id, content, special: true, normalized: false })),
    normalizer: {
      type: 'Sequence',
      normalizers: [
        { type: 'Prepend', prepend: '▁' },
        { type: 'Replace', pattern: { String: ' ' }, content: '▁' },
      ],
    },
    pre_tokenizer: null,
    post_processor: {
      type: 'TemplateProcessing',
      single: [{ SpecialToken: { id: '<s>', type_id: 0 } }, { Sequence: { id: 'A', type_id: 0 } }],
      pair: [],
      special_tokens: { '<s>': { id: '<s>', ids: [1], tokens: ['<s>'] } },
    },
    decoder: {
      type: 'Sequence',
      decoders: [
        { type: 'Replace', pattern: { String: '▁' }, content: ' ' },
        { type: 'ByteFallback' },
        { type: 'Fuse' },
        { type: 'Strip', content: ' ', start: 1, stop: 0 },
      ],
    },
    model: {
      type: 'BPE',
      unk_token: '<unk>',
      fuse_unk: true,
      byte_fallback: true,
      vocab: Object.fromEntries(tokens.map((token, id) => [token, id])),
      merges: MERGES,
    },
  };
}

export const PIECE_TOKENIZER = {
  json,
  config: { bos_token: '<s>', eos_token: '</s>', unk_token: '<unk>' },
};

export function pieceTokenizer(): Tokenizer {
  return Tokenizer.parse(
    JSON.stringify(json()),
    JSON.stringify(PIECE_TOKENIZER.config),
    'the test tokenizer',
  );
}

function hex(byte: number): string {
  return byte.toString(16).toUpperCase().padStart(2, '0');
}
