// Rebuilds the BPE model of a SentencePiece vocabulary with scores, as Gemma's: no merges are stored, any two neighbours
// that make a piece may merge, the highest score first (github.com/google/sentencepiece).
import { damaged, unsupported } from '../damaged.js';
import type { MetadataValue } from './metadata.js';
import { TOKEN_TYPE } from './token-types.js';

const SPACE = '▁';

export interface Pieces {
  readonly tokens: readonly string[];
  readonly types: readonly number[];
  readonly scores: readonly number[];
}

/** Throws `failed_precondition` unless text starts without a space of its own, as it does for Gemma. */
export function sentencePieceModel(
  path: string,
  metadata: ReadonlyMap<string, MetadataValue>,
  { tokens, types, scores }: Pieces,
): Record<string, unknown> {
  if (scores.length !== tokens.length) throw damaged(path, 'tokens and scores differ in number');
  if (metadata.get('tokenizer.ggml.add_space_prefix') !== false)
    throw unsupported(path, 'its tokenizer puts a space in front of text (add_space_prefix is not false)');
  const used = [...tokens.entries()].filter(([id]) => types[id] !== TOKEN_TYPE.unused);
  const unknown = types.indexOf(TOKEN_TYPE.unknown);
  return {
    normalizer: { type: 'Replace', pattern: { String: ' ' }, content: SPACE },
    pre_tokenizer: {
      type: 'Split',
      pattern: { String: ' ' },
      behavior: 'MergedWithPrevious',
      invert: false,
    },
    decoder: {
      type: 'Sequence',
      decoders: [
        { type: 'Replace', pattern: { String: SPACE }, content: ' ' },
        { type: 'ByteFallback' },
        { type: 'Fuse' },
      ],
    },
    model: {
      type: 'BPE',
      dropout: null,
      unk_token: tokens[unknown] ?? null,
      continuing_subword_prefix: null,
      end_of_word_suffix: null,
      fuse_unk: true,
      byte_fallback: true,
      ignore_merges: false,
      vocab: Object.fromEntries(used.map(([id, token]) => [token, id])),
      merges: mergesOf({ tokens, types, scores }),
    },
  };
}

interface Merge {
  readonly pair: readonly [left: string, right: string];
  readonly score: number;
}

/** Highest score first; between equal ones the longer left part, then the longer right one. */
function mergesOf({ tokens, types, scores }: Pieces): (readonly [string, string])[] {
  const mergeable = new Set<string>();
  for (const [id, token] of tokens.entries())
    if (types[id] === TOKEN_TYPE.normal || types[id] === TOKEN_TYPE.userDefined) mergeable.add(token);
  const merges: Merge[] = [];
  for (const [id, token] of tokens.entries()) {
    if (!mergeable.has(token)) continue;
    const characters = [...token];
    for (let cut = 1; cut < characters.length; cut++) {
      const pair = [characters.slice(0, cut).join(''), characters.slice(cut).join('')] as const;
      if (pair.every((part) => mergeable.has(part))) merges.push({ pair, score: scores[id]! });
    }
  }
  const lengths = ({ pair }: Merge) => pair.map((part) => [...part].length) as [number, number];
  merges.sort((a, b) => {
    const [leftA, rightA] = lengths(a);
    const [leftB, rightB] = lengths(b);
    return b.score - a.score || leftB - leftA || rightB - rightA;
  });
  return merges.map(({ pair }) => pair);
}
