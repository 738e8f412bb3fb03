// Several prompts of one request, answered at once: their generations as one, whose choices are numbered prompt by
// prompt, as OpenAI does. One that fails ends all.
import type { Caller } from './caller.js';
import type { Generation, GenerationChunk } from './generation.js';
import type { GenerationService } from './generation.service.js';
import type { GenerationRequest } from './generation-request.js';
import { interleaved } from './interleaved.js';

/**
 * @param requests At least one; those of several are called `<id>/<i>`.
 * Errors: those of GenerationService.startAll; then nothing runs.
 */
export async function startTogether(
  generations: Pick<GenerationService, 'startAll'>,
  requests: readonly GenerationRequest[],
  caller: Caller,
): Promise<Generation> {
  const started = await generations.startAll(requests, caller);
  return started.length === 1 ? started[0]! : joined(started);
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
