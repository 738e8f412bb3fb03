// The thread in which grammars are compiled and followed. Speaks the messages of thread-messages.ts.
import { parentPort, workerData } from 'node:worker_threads';
import { AppError } from '#libs/errors/index.js';
import { Automaton } from './automaton.js';
import type { FromGrammarThread, GrammarJob, GrammarResult, ToGrammarThread } from './thread-messages.js';
import type { GrammarVocabulary } from './vocabulary.js';

const port = parentPort!;
const automaton = new Automaton(workerData as GrammarVocabulary);
await automaton.open();
post({ kind: 'ready' });

let last = Promise.resolve();
port.on('message', ({ id, job }: ToGrammarThread) => {
  last = last.then(() => answer(id, job));
});

async function answer(id: number, job: GrammarJob): Promise<void> {
  try {
    const result = await run(job);
    post({ kind: 'done', id, result }, typeof result === 'object' ? [result.bits.buffer] : []);
  } catch (thrown) {
    const { code, message } = AppError.from(thrown);
    post({ kind: 'failed', id, code, message });
  }
  // A lost instance is replaced now, so that the time isn't the next job's.
  await automaton.open();
  post({ kind: 'ready' });
}

async function run(job: GrammarJob): Promise<GrammarResult> {
  if (job.kind === 'literal') return automaton.literal(job.spec, job.request);
  if (job.kind === 'masks') return automaton.masks(job.spec, job.request);
  if (job.kind === 'check') await automaton.check(job.spec);
  else automaton.release(job.generationId);
  return undefined;
}

function post(message: FromGrammarThread, transfer: ArrayBuffer[] = []): void {
  port.postMessage(message, transfer);
}
