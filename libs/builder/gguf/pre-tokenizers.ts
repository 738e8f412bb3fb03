// How text is cut before BPE, by GGUF's `tokenizer.ggml.pre`. The split expression is part of each model's published
// tokenizer.json (for llama-bpe: meta-llama/Meta-Llama-3-8B).
import { unsupported } from '../damaged.js';
import type { MetadataValue } from './metadata.js';

interface PreTokenizing {
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

const KNOWN: Readonly<Record<string, PreTokenizing>> = {
  'gpt-2': { preTokenizer: byteLevel(true), ignoreMerges: false },
  smollm: {
    preTokenizer: {
      type: 'Sequence',
      // The hub's file says Digits (every Unicode number alone). The split says the same, and it also holds in the
      // JavaScript tokenizer, whose Digits knows ASCII only.
      pretokenizers: [isolated('\\p{N}'), byteLevel(true)],
    },
    ignoreMerges: false,
  },
  'llama-bpe': {
    preTokenizer: {
      type: 'Sequence',
      pretokenizers: [isolated(LLAMA3_SPLIT), byteLevel(false)],
    },
    ignoreMerges: true,
  },
};

/** Throws `failed_precondition` for a cut it does not know: a wrong one would give wrong tokens without any error. */
export function preTokenizerOf(path: string, pre: MetadataValue): PreTokenizing {
  const known = typeof pre === 'string' && Object.hasOwn(KNOWN, pre) ? KNOWN[pre] : undefined;
  if (known) return known;
  const names = Object.keys(KNOWN).join(', ');
  throw unsupported(path, `its pre-tokenizer ${JSON.stringify(pre)} is unknown; known are ${names}`);
}
