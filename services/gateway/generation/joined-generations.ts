// Several prompts of one request, answered at once: their generations as one, whose choices are numbered prompt by
// prompt, as OpenAI does. One that fails ends all.
import { setMaxListeners } from 'node:events';
import type { Caller } from './caller.js';
import type { Generation, GenerationChunk } from './generation.js';
import type { GenerationService } from './generation.service.js';
import type { GenerationRequest } from './generation-request.js';
import { interleaved } from './interleaved.js';

/**
 * @param requests At least one; those of several are called `<id>/<i>`.
 * Errors: the first of those of GenerationService.start; then nothing runs.
 */
export async function startTogether(
  generations: Pick<GenerationService, 'start'>,
  requests: readonly GenerationRequest[],
  caller: Caller,
): Promise<Generation> {
  // Each prompt listens.
  setMaxListeners(0, caller.signal);
  const starts = await Promise.allSettled(requests.map((request) => generations.start(request, caller)));
  const started = starts.flatMap((start) => (start.status === 'fulfilled' ? [start.value] : []));
  const failed = starts.find((start) => start.status === 'rejected');
  if (failed === undefined) return started.length === 1 ? started[0]! : joined(started);
  for (const generation of started) generation.close();
  throw failed.reason;
}

function joined(generations: readonly Generation[]): Generation {
  const { id: firstId, model, created } = generations[0]!;
  const id = firstId.slice(0, firstId.lastIndexOf('/'));
  const close = () => {
    for (const generation of generations) generation.close();
  };
  let numChoices = 0;
  let numPrompts = 0;
  let promptTokens = 0;
  const streams = generations.map((generation) => {
    const stream = shifted(generation.chunks, numChoices);
    numChoices += generation.numChoices;
    numPrompts += generation.numPrompts;
    promptTokens += generation.promptTokens;
    return stream;
  });
  return {
    id,
    model,
    created,
    numChoices,
    numPrompts,
    promptTokens,
    chunks: interleaved(streams, close),
    close,
  };
}

async function* shifted(chunks: AsyncIterable<GenerationChunk>, by: number): AsyncGenerator<GenerationChunk> {
  for await (const chunk of chunks) yield { ...chunk, index: chunk.index + by };
}
