// Rebuilds tokenizer.json and tokenizer_config.json from a GGUF's tokenizer fields.
// Format: huggingface.co/docs/tokenizers and the tokenizer keys of ggml's gguf.md.
import type { TokenizerFiles } from '../checkpoint.js';
import { damaged, unsupported } from '../damaged.js';
import type { MetadataValue } from './metadata.js';
import { preTokenizerOf } from './pre-tokenizers.js';
import { sentencePieceModel } from './sentence-pieces.js';
import { TOKEN_TYPE } from './token-types.js';

type Metadata = ReadonlyMap<string, MetadataValue>;

export function ggufTokenizer(path: string, metadata: Metadata): TokenizerFiles | null {
  if (!metadata.has('tokenizer.ggml.tokens')) return null;
  const tokens = list(path, metadata, 'tokens', 'string');
  const types = metadata.has('tokenizer.ggml.token_type')
    ? list(path, metadata, 'token_type', 'number')
    : tokens.map(() => TOKEN_TYPE.normal);
  if (types.length !== tokens.length) throw damaged(path, 'tokens and token types differ in number');
  const specials = specialTokens(path, metadata, tokens);
  return {
    tokenizer: {
      version: '1.0',
      truncation: null,
      padding: null,
      added_tokens: addedTokens(tokens, types),
      post_processor: postProcessor(metadata, specials.bos_token),
      ...modelOf(path, metadata, tokens, types),
    },
    config: tokenizerConfig(metadata, specials),
  };
}

/** Normaliser, pre-tokenizer, decoder and model of tokenizer.json. */
function modelOf(
  path: string,
  metadata: Metadata,
  tokens: readonly string[],
  types: readonly number[],
): Record<string, unknown> {
  const kind = metadata.get('tokenizer.ggml.model');
  if (kind === 'llama') {
    const scores = list(path, metadata, 'scores', 'number');
    return sentencePieceModel(path, metadata, { tokens, types, scores });
  }
  if (kind !== 'gpt2') {
    const known = 'byte-level BPE (gpt2) or SentencePiece BPE (llama)';
    throw unsupported(path, `the tokenizer is of kind ${String(kind)}, not ${known}`);
  }
  const merges = list(path, metadata, 'merges', 'string').map((merge) => splitMerge(path, merge));
  const cut = preTokenizerOf(path, metadata.get('tokenizer.ggml.pre') ?? 'gpt-2');
  return {
    normalizer: cut.normalizer,
    pre_tokenizer: cut.preTokenizer,
    decoder: { type: 'ByteLevel', add_prefix_space: true, trim_offsets: true, use_regex: true },
    model: bpeModel(tokens, types, merges, cut.ignoreMerges),
  };
}

function bpeModel(
  tokens: readonly string[],
  types: readonly number[],
  merges: readonly (readonly [string, string])[],
  ignoreMerges: boolean,
) {
  // Unused entries only pad the embedding; the hub's file does not have them.
  const used = [...tokens.entries()].filter(([id]) => types[id] !== TOKEN_TYPE.unused);
  return {
    type: 'BPE',
    dropout: null,
    unk_token: null,
    continuing_subword_prefix: null,
    end_of_word_suffix: null,
    fuse_unk: false,
    byte_fallback: false,
    ignore_merges: ignoreMerges,
    vocab: Object.fromEntries(used.map(([id, token]) => [token, id])),
    merges,
  };
}

function list<T extends 'string' | 'number'>(path: string, metadata: Metadata, key: string, type: T) {
  const value = metadata.get(`tokenizer.ggml.${key}`);
  if (!Array.isArray(value) || value.some((each) => typeof each !== type)) {
    throw damaged(path, `tokenizer.ggml.${key} is not a list of ${type}s`);
  }
  return value as (T extends 'string' ? string : number)[];
}

/** "a b" → ["a", "b"]; byte-level tokens never hold a blank. */
function splitMerge(path: string, merge: string): [string, string] {
  const [left, right, more] = merge.split(' ');
  if (!left || !right || more !== undefined)
    throw damaged(path, `the merge ${JSON.stringify(merge)} is not a pair`);
  return [left, right];
}

function addedTokens(tokens: readonly string[], types: readonly number[]) {
  const added: readonly number[] = [TOKEN_TYPE.control, TOKEN_TYPE.userDefined, TOKEN_TYPE.unknown];
  return tokens.flatMap((content, id) => {
    if (!added.includes(types[id]!)) return [];
    const special = types[id] !== TOKEN_TYPE.userDefined;
    return [{ id, content, single_word: false, lstrip: false, rstrip: false, normalized: false, special }];
  });
}

const SPECIAL_KEYS = { bos_token: 'bos', eos_token: 'eos', unk_token: 'unknown', pad_token: 'padding' };

function specialTokens(path: string, metadata: Metadata, tokens: readonly string[]): Record<string, string> {
  const found: Record<string, string> = {};
  for (const [name, key] of Object.entries(SPECIAL_KEYS)) {
    const id = metadata.get(`tokenizer.ggml.${key}_token_id`);
    if (id === undefined) continue;
    const token = typeof id === 'number' ? tokens[id] : undefined;
    if (token === undefined)
      throw damaged(path, `tokenizer.ggml.${key}_token_id is ${String(id)}, not a token`);
    found[name] = token;
  }
  return found;
}

function postProcessor(metadata: Metadata, bos: string | undefined) {
  if (metadata.get('tokenizer.ggml.add_bos_token') !== true || bos === undefined) return null;
  const first = { SpecialToken: { id: bos, type_id: 0 } };
  const a = { Sequence: { id: 'A', type_id: 0 } };
  const ids = [metadata.get('tokenizer.ggml.bos_token_id')];
  return {
    type: 'TemplateProcessing',
    single: [first, a],
    pair: [first, a, { Sequence: { id: 'B', type_id: 1 } }],
    special_tokens: { [bos]: { id: bos, ids, tokens: [bos] } },
  };
}

function tokenizerConfig(metadata: Metadata, specials: Record<string, string>): Record<string, unknown> {
  const template = metadata.get('tokenizer.chat_template');
  return {
    tokenizer_class: 'PreTrainedTokenizerFast',
    ...specials,
    clean_up_tokenization_spaces: false,
    model_max_length: metadata.get(`${String(metadata.get('general.architecture'))}.context_length`),
    ...(typeof template === 'string' ? { chat_template: template } : {}),
  };
}
