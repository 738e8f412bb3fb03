export type { ChatMessage, Tool, ToolCall } from './chat-message.js';
export { fingerprintOfTokenizerJson } from './fingerprint.js';
export { IncrementalDecoder } from './incremental-decoder.js';
export { StopMatcher, type StopResult } from './stop-matcher.js';
export { readTokenBytes } from './token-bytes.js';
export { type DecodeOptions, Tokenizer } from './tokenizer.js';
export type { ToolCallFormat } from './tool-call-format.js';
