// A tokenizer for texts in which nothing is special: what spells <|im_end|> letter by letter is text, not that token. The
// vendor library has no option for it, so this is a second one that knows no special tokens and shares the first one's model.
import { Tokenizer as VendorTokenizer } from '@huggingface/tokenizers';
import { AppError } from '#libs/errors/index.js';
import type { TokenizerFiles } from './tokenizer-files.js';

const NO_MODEL = { type: 'BPE', vocab: {}, merges: [] };

/** @param vendor Of the same files: its vocabulary, the large part, is not built again. */
export function textVendor(
  vendor: VendorTokenizer,
  { json, config }: Pick<TokenizerFiles, 'json' | 'config'>,
  isSpecial: (id: number) => boolean,
): VendorTokenizer {
  const added_tokens = json.added_tokens.filter(({ id }) => !isSpecial(id));
  const text = new VendorTokenizer({ ...json, added_tokens, model: NO_MODEL }, config);
  text.model = vendor.model;
  return text;
}

/** Token ids of a text. @param addSpecialTokens What the model wants around one. */
export function idsOf(vendor: VendorTokenizer, text: string, addSpecialTokens: boolean): number[] {
  const { ids } = vendor.encode(text, { add_special_tokens: addSpecialTokens });
  if (!ids.includes(undefined as unknown as number)) return ids;
  throw new AppError('failed_precondition', 'tokenizer.json adds a token that its vocabulary does not hold.');
}
