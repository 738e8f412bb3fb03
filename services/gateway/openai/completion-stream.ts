// The chunks of a streamed answer, choices interleaved as their rounds come. One write a round and choice.
import { AppError } from '#libs/errors/index.js';
import type { Generation, GenerationSummary } from '../generation/generation.js';
import { DONE_FRAME, sseFrame } from '../http/sse.js';
import { envelope } from './envelope.js';
import type { ResponseShape } from './response-shape.js';
import { answerMetrics, usageOf } from './usage.js';

/** Frames, one value a write; the last has those that end the stream. Errors: the generation's. */
export async function* completionFrames(
  generation: Generation,
  shape: ResponseShape,
  includeUsage: boolean,
): AsyncGenerator<string> {
  const base = envelope(generation, shape.chunkObject);
  // What all chunks of a stream have in common is serialised once: this is the hot path. With include_usage, every chunk but
  // the one that reports it says usage: null.
  const head = `data: ${JSON.stringify(base).slice(0, -1)},"choices":[`;
  const tail = includeUsage ? '],"usage":null' : ']';
  const frame = (choice: object, metrics?: object | null) =>
    `${head}${JSON.stringify(choice)}${tail}${metrics === undefined ? '' : `,"metrics":${JSON.stringify(metrics)}`}}\n\n`;
  const choices = Array.from({ length: generation.numChoices }, (_, index) => shape.choice(index));
  const openings = choices.flatMap(({ opening }) => (opening === undefined ? [] : [frame(opening)]));
  if (openings.length > 0) yield openings.join('');
  const summaries: GenerationSummary[] = [];
  let open = choices.length;
  for await (const chunk of generation.chunks) {
    const { index, summary } = chunk;
    const pieces = choices[index]!.pieces(chunk);
    if (summary !== undefined) {
      summaries[index] = summary;
      open--;
    }
    if (open > 0) {
      if (pieces.length > 0) yield pieces.map((piece) => frame(piece)).join('');
      continue;
    }
    const metrics = answerMetrics(summaries);
    const last = pieces.length - 1;
    const frames = pieces.map((piece, i) => frame(piece, i === last && !includeUsage ? metrics : undefined));
    const report = { ...base, choices: [], usage: usageOf(summaries, generation.numPrompts), metrics };
    yield frames.join('') + (includeUsage ? sseFrame(report) : '') + DONE_FRAME;
    return;
  }
  throw new AppError('internal', 'The generation ended without a summary.');
}
