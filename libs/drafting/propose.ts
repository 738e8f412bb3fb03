// One proposal by itself, for those who have the engine to themselves: the service keeps a DraftStream for each generation.
import { DraftStream, type ProposeCall, type ProposeResult } from './draft-stream.js';
import { type DraftEngine, Drafting } from './drafting.js';
import type { Head } from './head.js';

export function propose(
  engine: DraftEngine,
  head: Head,
  call: ProposeCall,
  signal: AbortSignal,
): Promise<ProposeResult> {
  return new DraftStream(new Drafting(engine, head)).propose(call, signal);
}
