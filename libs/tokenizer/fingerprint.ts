// The vocabulary's fingerprint: draft and target may only work together if token ids mean the same to both.
import { createHash } from 'node:crypto';
import { AppError } from '#libs/errors/index.js';

// Far above any real vocabulary; keeps a hostile id from making a huge array.
const MAX_TOKEN_ID = 4_194_303;

/** SHA-256 (hex) of the tokens in the order of their ids. */
export function vocabularyFingerprint(tokens: readonly string[]): string {
  return createHash('sha256').update(JSON.stringify(tokens), 'utf8').digest('hex');
}

/**
 * The same, of a parsed tokenizer.json (model.vocab and added_tokens by id; an id without a token counts as "").
 * Throws `failed_precondition` if it has no vocabulary or impossible ids.
 */
export function fingerprintOfTokenizerJson(tokenizer: unknown): string {
  const { model, added_tokens: added } = (tokenizer ?? {}) as {
    model?: { vocab?: unknown };
    added_tokens?: unknown;
  };
  const vocab = model?.vocab;
  if (typeof vocab !== 'object' || vocab === null) throw malformed('model.vocab is missing');
  const tokens: string[] = [];
  const put = (token: unknown, id: unknown) => {
    const valid = typeof id === 'number' && Number.isInteger(id) && id >= 0 && id <= MAX_TOKEN_ID;
    if (typeof token !== 'string' || !valid) {
      throw malformed(`the token ${JSON.stringify(token)} has the id ${JSON.stringify(id)}`);
    }
    if (tokens[id] !== undefined && tokens[id] !== token) throw malformed(`two tokens have the id ${id}`);
    tokens[id] = token;
  };
  // Unigram models list [token, score] pairs in the order of their ids.
  const entries = Array.isArray(vocab)
    ? vocab.map((pair, id) => [pair?.[0], id] as const)
    : Object.entries(vocab);
  for (const [token, id] of entries) put(token, id);
  for (const token of Array.isArray(added) ? added : []) put(token?.content, token?.id);
  return vocabularyFingerprint(Array.from(tokens, (token) => token ?? ''));
}

function malformed(problem: string): AppError {
  return new AppError('failed_precondition', `tokenizer.json: ${problem}. Download the tokenizer again.`);
}
