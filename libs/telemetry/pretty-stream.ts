// Turns pino's JSON lines into short lines for a terminal: "12:34:56.789 WARN gateway  message  key=value".
import type { DestinationStream } from 'pino';

const COLOURS: Record<string, number> = { trace: 90, debug: 90, info: 36, warn: 33, error: 31, fatal: 35 };

interface Line {
  readonly level: string;
  readonly time: string;
  readonly service: string;
  readonly msg?: string;
  readonly err?: { readonly stack?: string };
  readonly [field: string]: unknown;
}

export function prettyStream(target: DestinationStream): DestinationStream {
  return { write: (json: string) => target.write(prettyLine(JSON.parse(json) as Line)) };
}

function prettyLine({ level, time, service, msg, err, ...fields }: Line): string {
  const clock = time.slice(11, 23);
  const label = `\u001b[${COLOURS[level] ?? 0}m${level.toUpperCase().padEnd(5)}\u001b[0m`;
  const rest = Object.entries(fields).map(([key, value]) => `${key}=${printable(value)}`);
  const head = [clock, label, service, printableText(msg ?? ''), ...rest].join(' ');
  const stack = err?.stack?.split('\n').map((text) => `    ${printableText(text)}\n`) ?? [];
  return `${head}\n${stack.join('')}`;
}

function printable(value: unknown): string {
  return typeof value === 'string' ? printableText(value) : JSON.stringify(value);
}

// Control characters from hostile input must not move the cursor or forge a line.
function printableText(text: string): string {
  return text.replace(/\p{Cc}/gu, (char) => `\\x${char.codePointAt(0)!.toString(16).padStart(2, '0')}`);
}
