// Every cap on what a peer may send, in one place. Above them: invalid_argument, before anything is allocated for it.

/** Bytes of one message, either way. 4 MiB hold a context of a million tokens. */
export const MAX_MESSAGE_BYTES = 4 * 1024 * 1024;
/** Tokens of one request: beyond any context length served. */
export const MAX_SEQUENCE_TOKENS = 1 << 20;
/** Drafted tokens of one proposal. */
export const MAX_DRAFT_TOKENS = 256;
/** Bytes of one request's features: half a message. */
export const MAX_FEATURE_BYTES = MAX_MESSAGE_BYTES / 2;
/** Numbers of a row of features: three layers of a hidden size that nobody has built. */
export const MAX_FEATURE_WIDTH = 1 << 18;
/** Layers that a row of features is taken from. */
export const MAX_FEATURE_LAYERS = 64;
/** Entries of one q row. */
export const MAX_Q_ROW_LENGTH = 1024;
export const MAX_ID_LENGTH = 256;
/** Either way. */
export const MAX_PRIORITY = 100;
/** Alternatives named with a token's log probability: OpenAI's cap. */
export const MAX_TOP_LOGPROBS = 20;
export const MAX_STOP_TOKEN_IDS = 1024;
export const MAX_LOGIT_BIAS = 4096;
export const MAX_ALLOWED_TOKEN_IDS = 1 << 18;
export const MAX_BAD_WORDS = 1024;
export const MAX_BAD_WORD_TOKENS = 64;
export const MAX_STOP_STRINGS = 64;
export const MAX_STOP_STRING_LENGTH = 4096;
export const MAX_CHAT_MESSAGES = 4096;
/** Of a grammar's text; libs/grammar has tighter bounds of its own. */
export const MAX_GRAMMAR_BYTES = 256 * 1024;
export const MAX_GRAMMAR_CHOICES = 4096;
export const MAX_DRAFT_ENDPOINTS = 32;
export const MAX_ENDPOINT_LENGTH = 256;
/** Bytes of a tokenizer's files: the largest in use (262,144 tokens) has 35 MB. */
export const MAX_TOKENIZER_BYTES = 64 * 1024 * 1024;
/** Concurrent calls on one connection. */
export const MAX_CONCURRENT_CALLS = 1024;
/** Characters of an error message on the wire: trailers must stay far below HTTP/2's header limits. */
export const MAX_ERROR_DETAILS = 2048;
