// Passes an answer on as it comes, and keeps it once it is complete; answers that were cut off are no training data.
import type { RoundStats } from '#libs/rpc/index.js';
import type { GenerationChunk } from '../generation/generation.js';
import type { GenerationRequest } from '../generation/generation-request.js';
import type { DistillLog } from './distill-log.js';
import { distillRecord } from './distill-record.js';

export async function* loggedChunks(
  log: Pick<DistillLog, 'add'>,
  request: GenerationRequest,
  chunks: AsyncIterable<GenerationChunk>,
  now: () => number = Date.now,
): AsyncGenerator<GenerationChunk> {
  const answers = new Map<number, { text: string; rounds: RoundStats[] }>();
  for await (const chunk of chunks) {
    const answer = answers.get(chunk.index) ?? { text: '', rounds: [] };
    answers.set(chunk.index, answer);
    answer.text += chunk.text;
    answer.rounds.push(chunk.round);
    if (chunk.summary !== undefined) {
      const record = distillRecord(request, answer.text, answer.rounds, now());
      if (record !== undefined) log.add(record);
    }
    yield chunk;
  }
}
