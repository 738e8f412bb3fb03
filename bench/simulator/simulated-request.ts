// What a client asks, and how its generation drafts.
import type { DecodePorts, Proposer } from '#libs/speculative/index.js';
import type { Answer } from './acceptance.js';

export type Drafting = Pick<DecodePorts, 'proposer' | 'gamma'>;

export interface SimulatedRequest {
  readonly prompt: readonly number[];
  /** Tokens of the prompt that are in no cache, at least 1. */
  readonly promptRows: number;
  readonly answer: Answer;
  /** @param draftModel Undefined: there is none. Called when the request begins; `ended` when it is over. */
  start(draftModel: Proposer | undefined): Drafting & { ended(): void };
}
