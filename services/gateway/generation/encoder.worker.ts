// The thread in which long prompts are encoded and long answers decoded. Speaks the messages of encoder-thread.ts.
import { parentPort, workerData } from 'node:worker_threads';
import { AppError } from '#libs/errors/index.js';
import { Tokenizer } from '#libs/tokenizer/index.js';
import { encodeJob } from './encode-job.js';
import type { EncoderReply, EncoderRequest } from './encoder-thread.js';

const { folder } = workerData as { readonly folder: string };
const tokenizer = await Tokenizer.load(folder);
const port = parentPort!;

port.on('message', (request: EncoderRequest) => {
  const { id } = request;
  try {
    if ('decode' in request) {
      const text = tokenizer.decode(request.decode, { skipSpecialTokens: false });
      port.postMessage({ id, text } satisfies EncoderReply);
      return;
    }
    const tokens = Uint32Array.from(encodeJob(tokenizer, request.job));
    port.postMessage({ id, tokens } satisfies EncoderReply, [tokens.buffer]);
  } catch (thrown) {
    const { code, message, field } = AppError.from(thrown);
    port.postMessage({ id, fault: { code, message, field } } satisfies EncoderReply);
  }
});
