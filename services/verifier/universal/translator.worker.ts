// The thread in which a draft's tokenizer runs. It came over the network, and a pattern or a table in it may be made to
// take for ever or to fill the memory: here that ends this thread, and no round waits for it.
import { parentPort, workerData } from 'node:worker_threads';
import { AppError } from '#libs/errors/index.js';
import { Tokenizer } from '#libs/tokenizer/index.js';
import { codecOf } from './codec.js';
import { Translation } from './translation.js';
import type {
  DraftTail,
  FromTranslator,
  TranslatorData,
  TranslatorJob,
  TranslatorResults,
} from './translator-messages.js';

interface Open {
  readonly translation: Translation;
  numRead: number;
  /** How many of the draft's tokens the owner knows for good. */
  numSettled: number;
}

const port = parentPort!;
const data = workerData as TranslatorData;
const target = codecOf(await Tokenizer.load(data.targetFolder));
const draft = codecOf(draftTokenizer());
const generations = new Map<number, Open>();

port.on('message', (job: TranslatorJob) => {
  try {
    post({ kind: 'done', result: run(job) });
  } catch (thrown) {
    post({ kind: 'failed', message: AppError.from(thrown).message });
  }
});
post({ kind: 'ready' });

function draftTokenizer(): Tokenizer {
  const { tokenizerJson, tokenizerConfigJson } = data.draft;
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  const tokenizer = Tokenizer.parse(text(tokenizerJson), text(tokenizerConfigJson), "The draft's tokenizer");
  if (tokenizer.fingerprint === data.fingerprint) return tokenizer;
  throw new AppError('failed_precondition', "The draft's tokenizer is not that of its model.");
}

function run(job: TranslatorJob): TranslatorResults[keyof TranslatorResults] {
  if (job.kind === 'read') return read(job);
  if (job.kind === 'release') {
    generations.delete(job.generation);
    return undefined;
  }
  const open = generations.get(job.generation);
  if (open === undefined) throw new AppError('internal', 'Nothing was read of this generation.');
  return open.translation.translate(job.drafted, job.confidences, job.maxTokens);
}

function read({ generation, start, tokens }: TranslatorJob & { readonly kind: 'read' }): DraftTail {
  const open =
    start === 0
      ? { translation: new Translation(target, draft), numRead: 0, numSettled: 0 }
      : generations.get(generation);
  if (open === undefined || open.numRead !== start)
    throw new AppError('internal', `Nothing is known of the ${start} tokens before these.`);
  generations.set(generation, open);
  open.translation.read(tokens);
  open.numRead += tokens.length;
  const { draftTokens, settledLength } = open.translation;
  const tail = { start: open.numSettled, tokens: draftTokens.slice(open.numSettled), settledLength };
  open.numSettled = settledLength;
  return tail;
}

function post(message: FromTranslator): void {
  port.postMessage(message);
}
