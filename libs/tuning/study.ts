// A search that can be resumed: a file of JSON lines, the first says what is searched, each other is an entry of it (a
// trial, or what trials are judged by). Lines are appended with one write each; a last line that a crash has torn is cut off.
import { type FileHandle, mkdir, open } from 'node:fs/promises';
import { dirname } from 'node:path';
import { z } from 'zod';
import { AppError, validated } from '#libs/errors/index.js';

/** What must be the same for entries to be comparable. */
export type StudySubject = Readonly<Record<string, string | number>>;

const subjectSchema = z.record(z.string(), z.unknown());

/** What a kind of study holds. */
export interface StudyForm<Subject extends StudySubject, Entry extends object> {
  readonly entry: z.ZodType<Entry>;
  /** Why an entry can't be one of this subject, as the end of a sentence; undefined if it can. */
  readonly fault?: (entry: Entry, subject: Subject) => string | undefined;
}

export class Study<Entry extends object> {
  private constructor(
    private readonly file: FileHandle,
    readonly entries: Entry[],
  ) {}

  /**
   * Begins a study, or goes on with the one in the file.
   * @throws AppError failed_precondition if the file holds another study or is damaged before its last line.
   */
  static async open<Subject extends StudySubject, Entry extends object>(
    path: string,
    form: StudyForm<Subject, Entry>,
    subject: Subject,
  ): Promise<Study<Entry>> {
    await mkdir(dirname(path), { recursive: true });
    const file = await open(path, 'a+');
    try {
      const text = (await file.readFile()).toString('utf8');
      const whole = text.slice(0, text.lastIndexOf('\n') + 1);
      if (whole.length < text.length) await file.truncate(Buffer.byteLength(whole));
      const [first, ...rest] = whole.split('\n').slice(0, -1);
      if (first === undefined) await append(file, subject);
      else refuseOther(validated(subjectSchema, parsed(first, path, 1), `${path}, line 1`), subject, path);
      return new Study(
        file,
        rest.map((line, i) => entryOf(line, path, i + 2, form, subject)),
      );
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  /** Resolves when the entry is on the disk. */
  async add(entry: Entry): Promise<void> {
    await append(this.file, entry);
    this.entries.push(entry);
  }

  async close(): Promise<void> {
    await this.file.close();
  }
}

async function append(file: FileHandle, line: object): Promise<void> {
  await file.write(`${JSON.stringify(line)}\n`);
  await file.datasync();
}

function entryOf<Subject extends StudySubject, Entry extends object>(
  line: string,
  path: string,
  number: number,
  { entry: schema, fault }: StudyForm<Subject, Entry>,
  subject: Subject,
): Entry {
  const entry = validated(schema, parsed(line, path, number), `${path}, line ${number}`);
  const reason = fault?.(entry, subject);
  if (reason !== undefined) throw new AppError('failed_precondition', `${path}, line ${number}: ${reason}.`);
  return entry;
}

function refuseOther(found: Readonly<Record<string, unknown>>, wanted: StudySubject, path: string): void {
  for (const key of Object.keys(wanted))
    if (found[key] !== wanted[key])
      throw new AppError(
        'failed_precondition',
        `${path} is a study with another ${key} (${found[key]}, not ${wanted[key]}); name another file with --study.`,
      );
}

function parsed(line: string, path: string, number: number): unknown {
  try {
    return JSON.parse(line);
  } catch (cause) {
    throw new AppError(
      'failed_precondition',
      `${path}, line ${number} is not JSON: the study is damaged; repair or delete it.`,
      { cause },
    );
  }
}
