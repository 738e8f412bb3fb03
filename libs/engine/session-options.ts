// How every session of onnxruntime-node is run.
import type { InferenceSession } from 'onnxruntime-node';

export function sessionOptions(threads: number): InferenceSession.SessionOptions {
  return {
    intraOpNumThreads: threads,
    logSeverityLevel: 3,
    // Threads spin within a forward only: between forwards the core belongs to the draft, the network and others.
    extra: { session: { force_spinning_stop: '1' } },
  };
}
