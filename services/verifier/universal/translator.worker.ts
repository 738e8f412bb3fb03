// The thread in which a draft's tokenizer runs. It came over the network, and a pattern or a table in it may be made to
// take for ever or to fill the memory: here that ends this thread, and no round waits for it.
import { parentPort, workerData } from 'node:worker_threads';
import { AppError } from '#libs/errors/index.js';
import { Tokenizer } from '#libs/tokenizer/index.js';
import { codecOf } from './codec.js';
import { Translations } from './translations.js';
import type { FromTranslator, TranslatorData, TranslatorJob } from './translator-messages.js';

const port = parentPort!;
const data = workerData as TranslatorData;
const target = codecOf(await Tokenizer.load(data.targetFolder));
const draft = codecOf(draftTokenizer());
const translations = new Translations(target, draft);

port.on('message', (job: TranslatorJob) => {
  try {
    post({ kind: 'done', result: translations.run(job) });
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

function post(message: FromTranslator): void {
  port.postMessage(message);
}
