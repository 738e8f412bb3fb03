// The tiny checkpoint's tokenizer with its ids the other way round: another vocabulary.
import { TINY, tinyTokenizerJson } from './tiny-checkpoint.js';

const newId = (id: number) => TINY.vocab_size - 1 - id;

export function reversedTokenizerJson(): object {
  const json = tinyTokenizerJson();
  const vocab = Object.fromEntries(Object.entries(json.model.vocab).map(([token, id]) => [token, newId(id)]));
  const added = json.added_tokens.map((token) => ({ ...token, id: newId(token.id) }));
  return { ...json, added_tokens: added, model: { ...json.model, vocab } };
}
