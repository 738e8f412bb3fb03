// The alphabet of byte-level tokenizers: every byte as one visible character (GPT-2's encoder.py).
// Printable Latin-1 bytes stand for themselves, the 68 others follow in order from U+0100.

/** character → byte; 256 entries. */
export const BYTE_OF_CHARACTER: ReadonlyMap<string, number> = buildAlphabet();

function buildAlphabet(): Map<string, number> {
  const alphabet = new Map<string, number>();
  let next = 0x100;
  for (let byte = 0; byte < 256; byte++) {
    const isVisible = (byte >= 0x21 && byte <= 0x7e) || (byte >= 0xa1 && byte <= 0xac) || byte >= 0xae;
    alphabet.set(String.fromCodePoint(isVisible ? byte : next++), byte);
  }
  return alphabet;
}
