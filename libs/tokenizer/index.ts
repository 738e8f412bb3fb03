export { fingerprintOfTokenizerJson, vocabularyFingerprint } from './fingerprint.js';
