// Where bytes of UTF-8 stop being whole characters: tokens may end in the middle of one.

/** How many bytes from the first on are whole, valid characters. */
export function validLength(bytes: Uint8Array): number {
  let at = 0;
  while (at < bytes.length) {
    const length = characterLength(bytes, at);
    if (length === 0) break;
    at += length;
  }
  return at;
}

/** How many bytes at the end are the beginning of a character whose rest may still come. 0 … 3 */
export function unfinishedLength(bytes: Uint8Array): number {
  for (let length = 1; length <= Math.min(3, bytes.length); length++) {
    const lead = bytes[bytes.length - length]!;
    if (isContinuation(lead)) continue;
    return lengthOfLead(lead) > length ? length : 0;
  }
  return 0;
}

/** 0 if no whole, valid character begins at `at`. Overlong forms and surrogates are left to TextDecoder's U+FFFD. */
function characterLength(bytes: Uint8Array, at: number): number {
  const length = lengthOfLead(bytes[at]!);
  if (at + length > bytes.length) return 0;
  for (let i = 1; i < length; i++) if (!isContinuation(bytes[at + i]!)) return 0;
  return length;
}

function lengthOfLead(lead: number): number {
  if (lead < 0x80) return 1;
  if (lead >= 0xc2 && lead < 0xe0) return 2;
  if (lead >= 0xe0 && lead < 0xf0) return 3;
  return lead >= 0xf0 && lead < 0xf5 ? 4 : 0;
}

function isContinuation(byte: number): boolean {
  return byte >= 0x80 && byte < 0xc0;
}
