// Keeps the KV cache out of the binding's way. onnxruntime-node copies every fetched output into a new buffer, which for
// a whole KV cache costs more than the forward itself. The graph's first output, `__stop`, is a sequence: the run
// completes, every preallocated tensor is written, then converting the sequence throws before any copy is made.
// This leans on a quirk of the pinned version (1.30.0), so `Model.load` proves it with a probe before relying on it.
import type { InferenceSession, OnnxValue } from 'onnxruntime-node';

export const STOP_OUTPUT = '__stop';
const EXPECTED = 'Non tensor type';

export type Fetches = Record<string, OnnxValue | null>;

/** Runs the graph so that only the preallocated `fetches` are written; nothing is copied. */
export async function runInPlace(
  session: InferenceSession,
  feeds: Record<string, OnnxValue>,
  fetches: Fetches,
): Promise<void> {
  try {
    await session.run(feeds, { [STOP_OUTPUT]: null, ...fetches });
  } catch (error) {
    if (error instanceof Error && error.message.includes(EXPECTED)) return;
    throw error;
  }
  throw new Error('The graph has no sequence output that stops the copying of results.');
}
