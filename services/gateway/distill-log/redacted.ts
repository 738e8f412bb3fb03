// Takes out of a text what may name a person or open a door, before it is kept as training data. Patterns cannot find
// everything (names stay); they cover what has a form: addresses, numbers of some length, keys, credentials in URLs.

const PATTERNS: readonly (readonly [pattern: RegExp, instead: string])[] = [
  // To the end of the text if the key has none: another search from each beginning would take quadratic time.
  [/-----BEGIN [A-Z ]{1,40}-----[\s\S]*?(?:-----END [A-Z ]{1,40}-----|$)/g, '[key]'],
  [/\b[a-z][a-z0-9+.-]{1,20}:\/\/[^\s<>"']{1,2000}/gi, '[url]'],
  [/[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}/g, '[email]'],
  [/\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,8}(?: ?[A-Z0-9]{1,3})?\b/g, '[account]'],
  [/\b\d{1,3}(?:\.\d{1,3}){3}\b/g, '[address]'],
  [/\b[0-9a-f]{0,4}(?::[0-9a-f]{0,4}){4,7}\b/gi, '[address]'],
  // Telephone, card and account numbers: seven digits and more, however they are grouped.
  [/(?:\+|\b)\d(?:[ ().-]{0,2}\d){6,30}\b/g, '[number]'],
];

export function redacted(text: string): string {
  const left = PATTERNS.reduce((rest, [pattern, instead]) => rest.replace(pattern, instead), text);
  return left.replace(/[\w-]{20,}/g, (run) => (isKey(run) ? '[secret]' : run));
}

/** Long runs that have both letters and digits. */
function isKey(run: string): boolean {
  return /\d/.test(run) && /[a-z]/i.test(run);
}
