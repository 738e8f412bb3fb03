// How text is cut before BPE, by GGUF's `tokenizer.ggml.pre`. The split expression is part of each model's published
// tokenizer.json (for llama-bpe: meta-llama/Meta-Llama-3-8B, for qwen2: Qwen/Qwen2.5-0.5B).
import { unsupported } from '../damaged.js';
import type { MetadataValue } from './metadata.js';

interface PreTokenizing {
  /** Of Unicode, before the cut; null leaves text as it is. */
  readonly normalizer: Readonly<Record<string, unknown>> | null;
  readonly preTokenizer: Readonly<Record<string, unknown>>;
  /** Whether a word that is itself a token skips the merges. */
  readonly ignoreMerges: boolean;
}

const byteLevel = (useRegex: boolean) => ({
  type: 'ByteLevel',
  add_prefix_space: false,
  trim_offsets: true,
  use_regex: useRegex,
});

const isolated = (regex: string) => ({
  type: 'Split',
  pattern: { Regex: regex },
  behavior: 'Isolated',
  invert: false,
});

const LLAMA3_SPLIT =
  "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";

// As Llama 3's, but every digit alone.
const QWEN2_SPLIT = LLAMA3_SPLIT.replace('{1,3}', '');

const KNOWN: Readonly<Record<string, PreTokenizing>> = {
  'gpt-2': { normalizer: null, preTokenizer: byteLevel(true), ignoreMerges: false },
  smollm: {
    normalizer: null,
    preTokenizer: {
      type: 'Sequence',
      // The hub's file says Digits (every Unicode number alone). The split says the same, and it also holds in the
      // JavaScript tokenizer, whose Digits knows ASCII only.
      pretokenizers: [isolated('\\p{N}'), byteLevel(true)],
    },
    ignoreMerges: false,
  },
  'llama-bpe': {
    normalizer: null,
    preTokenizer: {
      type: 'Sequence',
      pretokenizers: [isolated(LLAMA3_SPLIT), byteLevel(false)],
    },
    ignoreMerges: true,
  },
  qwen2: {
    normalizer: { type: 'NFC' },
    preTokenizer: {
      type: 'Sequence',
      pretokenizers: [isolated(QWEN2_SPLIT), byteLevel(false)],
    },
    ignoreMerges: false,
  },
};

/** Throws `failed_precondition` for a cut it does not know: a wrong one would give wrong tokens without any error. */
export function preTokenizerOf(path: string, pre: MetadataValue): PreTokenizing {
  const known = typeof pre === 'string' && Object.hasOwn(KNOWN, pre) ? KNOWN[pre] : undefined;
  if (known) return known;
  const names = Object.keys(KNOWN).join(', ');
  throw unsupported(path, `its pre-tokenizer ${JSON.stringify(pre)} is unknown; known are ${names}`);
}
