// A search that can be resumed: a file of JSON lines, the first says what is searched, each other is a trial. Lines are
// appended with one write each; a last line that a crash has torn is cut off.
import { type FileHandle, mkdir, open } from 'node:fs/promises';
import { dirname } from 'node:path';
import { z } from 'zod';
import { AppError, validated } from '#libs/errors/index.js';

/** What must be the same for trials to be comparable. */
const subjectSchema = z.object({
  study: z.literal('layer-skip'),
  format: z.literal(1),
  model: z.string(),
  /** SHA-256 of the model's graph. */
  graph: z.string(),
  /** SHA-256 of the prompts. */
  prompts: z.string(),
  objective: z.enum(['goodput', 'speed']),
  numLayers: z.int().positive(),
});

const trialSchema = z.object({
  attention: z.array(z.int().nonnegative()),
  mlp: z.array(z.int().nonnegative()),
  /** Of the objective; the larger the better. */
  value: z.number(),
  acceptance: z.number().min(0).max(1),
  cost: z.number().nonnegative(),
  gamma: z.int().positive(),
  breakEvenCost: z.number(),
});

export type StudySubject = z.infer<typeof subjectSchema>;
export type StudyTrial = z.infer<typeof trialSchema>;

export class Study {
  private constructor(
    private readonly file: FileHandle,
    readonly trials: StudyTrial[],
  ) {}

  /**
   * Begins a study, or goes on with the one in the file.
   * @throws AppError failed_precondition if the file holds another study or is damaged before its last line.
   */
  static async open(path: string, subject: StudySubject): Promise<Study> {
    await mkdir(dirname(path), { recursive: true });
    const file = await open(path, 'a+');
    try {
      const text = (await file.readFile()).toString('utf8');
      const whole = text.slice(0, text.lastIndexOf('\n') + 1);
      if (whole.length < text.length) await file.truncate(Buffer.byteLength(whole));
      const [first, ...rest] = whole.split('\n').slice(0, -1);
      if (first === undefined) await append(file, subject);
      else refuseOther(validated(subjectSchema, parsed(first, path, 1), `${path}, line 1`), subject, path);
      const trials = rest.map((line, i) => trialOf(line, path, i + 2, subject));
      return new Study(file, trials);
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  /** Resolves when the trial is on the disk. */
  async add(trial: StudyTrial): Promise<void> {
    await append(this.file, trial);
    this.trials.push(trial);
  }

  async close(): Promise<void> {
    await this.file.close();
  }
}

async function append(file: FileHandle, line: StudySubject | StudyTrial): Promise<void> {
  await file.write(`${JSON.stringify(line)}\n`);
  await file.datasync();
}

function trialOf(line: string, path: string, number: number, { numLayers }: StudySubject): StudyTrial {
  const trial = validated(trialSchema, parsed(line, path, number), `${path}, line ${number}`);
  if (Math.max(-1, ...trial.attention, ...trial.mlp) >= numLayers)
    throw new AppError(
      'failed_precondition',
      `${path}, line ${number}: a layer is named that the model's ${numLayers} layers don't have.`,
    );
  return trial;
}

function refuseOther(found: StudySubject, wanted: StudySubject, path: string): void {
  for (const key of Object.keys(wanted) as (keyof StudySubject)[])
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
