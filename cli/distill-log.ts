// `outrider distill-log FILE`: what a gateway's log of training data holds, whether it is whole, and a copy of it that is
// redacted by today's patterns and filtered, for `python -m distill sample --traffic`.
import { createReadStream } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { AppError } from '#libs/errors/index.js';
import { redacted } from '#services/gateway/distill-log/redacted.js';
import { LogSummary } from './log-summary.js';
import { type LoggedAnswer, readLoggedAnswer } from './logged-answer.js';
import { required } from './required.js';

export interface DistillLogArguments {
  readonly file: string | undefined;
  /** Where the copy is written; none by default. */
  readonly export: string | undefined;
  /** Only answers of which at least so many drafted tokens were refused. */
  readonly minRefused: string | undefined;
  /** Leave damaged lines out instead of stopping at the first. */
  readonly skipDamaged: boolean | undefined;
  readonly out: { write(text: string): unknown };
}

/** The gateway writes no longer line. */
const MAX_LINE_BYTES = 256 * 1024;

/** @throws AppError invalid_argument or failed_precondition that names the file and the line. */
export async function distillLog(args: DistillLogArguments, signal: AbortSignal): Promise<void> {
  const file = required(args.file, 'FILE');
  const minRefused = wholeNumber('--min-refused', args.minRefused);
  const copy = args.export === undefined ? undefined : await created(args.export);
  const summary = new LogSummary();
  try {
    for await (const { line, where, bytes } of linesOf(file, signal)) {
      const answer = checked(line, where, args.skipDamaged ?? false);
      if (answer === undefined) {
        summary.skip(bytes);
        continue;
      }
      const isKept = refusedOf(answer) >= minRefused;
      summary.add(answer, bytes, isKept);
      if (isKept) await copy?.write(`${JSON.stringify(redactedAnswer(answer))}\n`);
    }
  } finally {
    await copy?.close();
  }
  args.out.write(summary.text(file, args.export));
}

function checked(line: string | undefined, where: string, skips: boolean): LoggedAnswer | undefined {
  try {
    if (line === undefined)
      throw new AppError('failed_precondition', `${where} is longer than ${MAX_LINE_BYTES} bytes.`);
    return readLoggedAnswer(line, where);
  } catch (error) {
    if (skips) return undefined;
    const { message, code } = AppError.from(error);
    throw new AppError(code, `${message} Leave damaged lines out with --skip-damaged.`, { cause: error });
  }
}

export function refusedOf({ rounds }: LoggedAnswer): number {
  return rounds.reduce((sum, [drafted, accepted]) => sum + drafted - accepted, 0);
}

function redactedAnswer({ messages, text, answer, ...rest }: LoggedAnswer): LoggedAnswer {
  return {
    ...(messages && {
      messages: messages.map(({ role, content }) => ({ role, content: redacted(content) })),
    }),
    ...(text !== undefined && { text: redacted(text) }),
    answer: redacted(answer),
    ...rest,
  };
}

/** Undefined for a line that is too long to be one of the gateway's: it is not kept in memory. */
async function* linesOf(file: string, signal: AbortSignal) {
  let [number, bytes, parts]: [number, number, Buffer[]] = [1, 0, []];
  const taken = () => {
    const isWhole = bytes <= MAX_LINE_BYTES;
    const line = isWhole ? Buffer.concat(parts).toString() : undefined;
    const each = { line, where: `${file}, line ${number++}`, bytes };
    [bytes, parts] = [0, []];
    return each;
  };
  const add = (part: Buffer) => {
    bytes += part.length;
    if (bytes <= MAX_LINE_BYTES) parts.push(part);
    else parts = [];
  };
  try {
    for await (const chunk of createReadStream(file, { signal }) as AsyncIterable<Buffer>) {
      let from = 0;
      for (let end = chunk.indexOf(10); end >= 0; end = chunk.indexOf(10, from)) {
        add(chunk.subarray(from, end));
        from = end + 1;
        yield taken();
      }
      add(chunk.subarray(from));
    }
    // Without a newline at its end: the gateway was killed while it wrote.
    if (bytes > 0) yield taken();
  } catch (cause) {
    if (cause instanceof AppError || signal.aborted) throw cause;
    throw new AppError('invalid_argument', `${file} cannot be read: ${(cause as Error).message}`, { cause });
  }
}

async function created(file: string): Promise<FileHandle> {
  try {
    return await open(file, 'wx', 0o600);
  } catch (cause) {
    const reason = (cause as NodeJS.ErrnoException).code === 'EEXIST' ? 'it exists already' : String(cause);
    throw new AppError('invalid_argument', `--export: ${file} cannot be created: ${reason}.`, { cause });
  }
}

function wholeNumber(option: string, text = '0'): number {
  const number = Number(text);
  if (Number.isInteger(number) && number >= 0 && text.trim() !== '') return number;
  throw new AppError('invalid_argument', `${option} is ${text}; it must be a whole number of at least 0.`);
}
