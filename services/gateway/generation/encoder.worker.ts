// The thread in which long prompts are encoded. Speaks the messages of encoder-thread.ts.
import { parentPort, workerData } from 'node:worker_threads';
import { AppError } from '#libs/errors/index.js';
import { Tokenizer } from '#libs/tokenizer/index.js';
import { encodeJob } from './encode-job.js';
import type { EncoderReply, EncoderRequest } from './encoder-thread.js';

const { folder } = workerData as { readonly folder: string };
const tokenizer = await Tokenizer.load(folder);
const port = parentPort!;

port.on('message', ({ id, job }: EncoderRequest) => {
  try {
    const tokens = Uint32Array.from(encodeJob(tokenizer, job));
    port.postMessage({ id, tokens } satisfies EncoderReply, [tokens.buffer]);
  } catch (thrown) {
    const { code, message, field } = AppError.from(thrown);
    port.postMessage({ id, fault: { code, message, field } } satisfies EncoderReply);
  }
});
