export type { ChatMessage } from './chat-template.js';
export { fingerprintOfTokenizerJson } from './fingerprint.js';
export { IncrementalDecoder } from './incremental-decoder.js';
export { StopMatcher, type StopResult } from './stop-matcher.js';
export { readTokenBytes } from './token-bytes.js';
export { type DecodeOptions, Tokenizer } from './tokenizer.js';
