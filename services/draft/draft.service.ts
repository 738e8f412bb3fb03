// The draft's gRPC service. The session runs on this very thread: a draft step takes about a millisecond, and the hop to
// a worker thread and back would add half of that to every round (docs/decisions/0009).
import { type Engine, SerialQueue } from '#libs/engine/index.js';
import { AppError } from '#libs/errors/index.js';
import {
  type DraftHandlers,
  draftServiceHandlers,
  type ModelInfo,
  type ProposeRequest,
  type ProposeResponse,
  type RpcService,
} from '#libs/rpc/index.js';
import type { SamplingParams } from '#libs/sampling/index.js';
import type { Head } from './head.js';
import { propose } from './propose.js';

type SampledRequest = ProposeRequest & { readonly sampling: SamplingParams };

export function draftService(
  engine: Engine,
  head: Head,
  info: ModelInfo,
  tokenizer?: DraftHandlers['tokenizer'],
): RpcService {
  const queue = new SerialQueue();

  async function answer(request: SampledRequest, signal: AbortSignal): Promise<ProposeResponse> {
    const { round } = request;
    checkVocabulary(request, info);
    try {
      const result = await queue.run(() => propose(engine, head, request, signal), signal);
      return { round, outcome: 'proposal', ...result };
    } catch (error) {
      if (error instanceof AppError && error.code === 'session_lost')
        return { round, outcome: 'session_lost' };
      throw error;
    }
  }

  return draftServiceHandlers({
    async *propose(requests, { signal }) {
      let sampling: SamplingParams | undefined;
      for await (const request of requests) {
        sampling = request.sampling ?? sampling;
        if (sampling === undefined)
          throw new AppError('invalid_argument', 'The first request of a stream has no sampling; send it.', {
            field: 'sampling',
          });
        yield await answer({ ...request, sampling }, signal);
      }
    },
    modelInfo: async () => info,
    tokenizer,
  });
}

/** Token ids of another vocabulary mean other tokens: the caller must translate, or such drafts are only ever rejected. */
function checkVocabulary({ vocabularyFingerprint }: ProposeRequest, info: ModelInfo): void {
  if (vocabularyFingerprint === undefined || vocabularyFingerprint === info.vocabularyFingerprint) return;
  throw new AppError(
    'failed_precondition',
    `The draft ${info.model} was asked in another vocabulary than its own.`,
  );
}
