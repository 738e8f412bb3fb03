// The draft model as the round loop sees it: it says what was recorded, and takes its time.
import { deterministicProposal, EMPTY_PROPOSAL } from '#libs/sampling/index.js';
import type { Proposer } from '#libs/speculative/index.js';
import type { Clock } from './clock.js';
import type { DraftServer } from './draft-server.js';
import type { SimulatedRequest } from './simulated-request.js';
import type { VerifierServer } from './verifier-server.js';

export interface DraftRoute {
  readonly clock: Clock;
  readonly draft: DraftServer;
  readonly verifier: VerifierServer;
  /** There and back. */
  readonly hopMs: number;
}

export function simulatedDraft(
  { clock, draft, verifier, hopMs }: DraftRoute,
  { prompt, promptRows, answer }: Pick<SimulatedRequest, 'prompt' | 'promptRows' | 'answer'>,
): Proposer {
  /** Messages travel by themselves; the verifier's thread takes note of an answer between two forwards. */
  const asked = (work: (done: () => void) => void) =>
    clock.promise((keep) =>
      clock.after(hopMs / 2, () => work(() => clock.after(hopMs / 2, () => verifier.whenFree(keep)))),
    );
  return {
    warmUp: () => asked((done) => draft.read(promptRows, done)),
    propose: async ({ tokens }, plan) => {
      const { tokens: drafted, confidences } = answer.drafted(tokens.length - prompt.length, plan);
      if (drafted.length === 0) return { proposal: EMPTY_PROPOSAL, computeMs: 0 };
      const startMs = clock.nowMs;
      await asked((done) => draft.propose(drafted.length, done));
      const computeMs = clock.nowMs - startMs;
      return { proposal: deterministicProposal([...drafted]), computeMs, confidences };
    },
  };
}
