// Whether new requests can be answered: a verifier of our model is alive and this process isn't shutting down.
import { AppError } from '#libs/errors/index.js';
import type { Registry } from '#libs/session/index.js';
import type { RunningRequests } from '../generation/running-requests.js';

export class Readiness {
  constructor(
    private readonly registry: Pick<Registry, 'workers'>,
    private readonly running: Pick<RunningRequests, 'draining'>,
    private readonly manifestName: string,
  ) {}

  get verifiersAlive(): number {
    const serves = ({ model, draining }: { model: string; draining: boolean }) =>
      model === this.manifestName && !draining;
    return this.registry.workers('verifier').filter(serves).length;
  }

  get ready(): boolean {
    return !this.running.draining && this.verifiersAlive > 0;
  }

  /** Throws `unavailable` while not ready. */
  report() {
    if (this.running.draining) throw new AppError('unavailable', 'This gateway is shutting down.');
    if (this.verifiersAlive === 0) throw new AppError('unavailable', 'No verifier is alive.');
    return { status: 'ready', verifiers: this.verifiersAlive, drafts: this.registry.workers('draft').length };
  }
}
