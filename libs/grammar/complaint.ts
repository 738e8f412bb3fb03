// From what XGrammar logs to what is wrong with a grammar, in its words but without paths of the machine it was built on.

const LINE = /^\[(FATAL|WARNING)\] \S+:\d+: (?:Check failed: \(.*?\) is false: ?)?/;

/**
 * Why a grammar was not accepted; undefined if nothing speaks against it. Warnings count: they say which part of a schema
 * or regex would be ignored, and an answer must not break what was asked for.
 */
export function complaintOf(log: readonly string[]): string | undefined {
  const line =
    log.find((each) => each.startsWith('[FATAL]')) ?? log.find((each) => each.startsWith('[WARNING]'));
  if (line === undefined) return undefined;
  const text = line.replace(LINE, '').trim();
  return text === '' ? 'it is not supported' : text.slice(0, 400);
}
