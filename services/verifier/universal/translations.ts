// The translations of all generations, told what to do by jobs.
import { AppError } from '#libs/errors/index.js';
import type { Codec } from './codec.js';
import { Translation } from './translation.js';
import type { DraftTail, TranslatorJob, TranslatorResults } from './translator-messages.js';

interface Open {
  readonly translation: Translation;
  numRead: number;
  /** How many of the draft's tokens the owner knows for good. */
  numSettled: number;
}

export class Translations {
  readonly #open = new Map<number, Open>();

  constructor(
    private readonly target: Codec,
    private readonly draft: Codec,
  ) {}

  /** Throws `internal` for a generation, or a place in one, that isn't known. */
  run(job: TranslatorJob): TranslatorResults[keyof TranslatorResults] {
    if (job.kind === 'read') return this.#read(job);
    if (job.kind === 'release') {
      this.#open.delete(job.generation);
      return undefined;
    }
    const open = this.#open.get(job.generation);
    if (open === undefined) throw new AppError('internal', 'Nothing was read of this generation.');
    return open.translation.translate(job.drafted, job.confidences, job.maxTokens);
  }

  #read({ generation, start, tokens }: TranslatorJob & { readonly kind: 'read' }): DraftTail {
    const open =
      start === 0
        ? { translation: new Translation(this.target, this.draft), numRead: 0, numSettled: 0 }
        : this.#open.get(generation);
    if (open === undefined || open.numRead !== start)
      throw new AppError('internal', `Nothing is known of the ${start} tokens before these.`);
    this.#open.set(generation, open);
    open.translation.read(tokens);
    open.numRead += tokens.length;
    const { draftTokens, settledLength } = open.translation;
    const tail = { start: open.numSettled, tokens: draftTokens.slice(open.numSettled), settledLength };
    open.numSettled = settledLength;
    return tail;
  }
}
