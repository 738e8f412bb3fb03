// What the use case needs of the world around it.
import type { SessionRouter } from '#libs/session/index.js';
import type { Logger, Metrics } from '#libs/telemetry/index.js';
import type { DistillLog } from '../distill-log/distill-log.js';
import type { Journals } from '../idempotency/journals.js';
import type { RoundPace } from './round-pace.js';
import type { RunningRequests } from './running-requests.js';
import type { TextModel } from './text-model.js';
import type { VerifierDialer } from './verifier-call.js';

export interface GenerationDeps {
  readonly text: TextModel;
  readonly router: Pick<SessionRouter, 'route'>;
  readonly dialer: VerifierDialer;
  readonly running: RunningRequests;
  readonly metrics: Metrics;
  readonly logger: Logger;
  /** Monotonic milliseconds. */
  readonly now: () => number;
  readonly unixSeconds: () => number;
  /** Keeps answers as training data, if the operator wants that. */
  readonly distillLog?: Pick<DistillLog, 'add'> | undefined;
  /** Keeps what is generated for requests with an idempotency key. */
  readonly journals: Pick<Journals, 'open' | 'end'>;
  /** How long verifiers' silences may last. */
  readonly pace: RoundPace;
  /** Longest wait for a verifier that has room. */
  readonly maxBusyMs: number;
}
