// One logger a process: JSON lines by default, or short lines for people. Secrets and prompts are cut out by name,
// because a log is read by more people than a request is.
import { type DestinationStream, type Logger, pino, stdTimeFunctions } from 'pino';
import { prettyStream } from './pretty-stream.js';

export type { Logger };

export const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** Where lines go: a standard stream, or anything that takes whole lines (tests). */
export type LogDestination = 'stdout' | 'stderr' | DestinationStream;

export interface LoggerOptions {
  /** Name of the process in every line, e.g. "gateway". */
  readonly service: string;
  readonly level: LogLevel;
  /** Short coloured lines instead of JSON; only for a terminal. */
  readonly pretty?: boolean;
  /** Default "stdout". */
  readonly destination?: LogDestination;
}

const SECRET_FIELDS = ['authorization', 'apiKey', 'api_key', 'password', 'token', 'redisUrl'];
const CONTENT_FIELDS = ['prompt', 'messages', 'tokens', 'text'];
const REDACTED = [...SECRET_FIELDS, 'x-api-key', ...CONTENT_FIELDS].flatMap((field) => {
  const path = field.includes('-') ? `["${field}"]` : field;
  const below = field.includes('-') ? path : `.${path}`;
  return [path, `*${below}`, `*.*${below}`];
});

export function createLogger(options: LoggerOptions): Logger {
  const target = destinationStream(options.destination ?? 'stdout');
  return pino(
    {
      level: options.level,
      base: { service: options.service },
      timestamp: stdTimeFunctions.isoTime,
      redact: { paths: REDACTED, censor: '[redacted]' },
      formatters: { level: (label) => ({ level: label }) },
    },
    options.pretty === true ? prettyStream(target) : target,
  );
}

// Synchronous on purpose: the last lines before a crash are the ones that matter.
function destinationStream(destination: LogDestination): DestinationStream {
  if (destination === 'stdout') return pino.destination({ fd: 1, sync: true });
  if (destination === 'stderr') return pino.destination({ fd: 2, sync: true });
  return destination;
}
