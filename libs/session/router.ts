// Which verifier, and which drafts in which order, serve a session: the pin if there is one, else whoever has read the most
// of its prompt, else rendezvous.
import { AppError } from '#libs/errors/index.js';
import { bestVerifier } from './best-verifier.js';
import { Degradation, type DegradedListener } from './degradation.js';
import type { Registry, WorkerRecord } from './registry.js';
import { rankWorkers } from './rendezvous.js';
import { assertSessionId } from './session-id.js';
import type { ClaimRequest, Pin, SessionStore } from './session-store.js';

export interface Route {
  readonly verifier: WorkerRecord;
  /** Best first: those that share the verifier's vocabulary before the others, the pinned one leading. May be empty. */
  readonly drafts: readonly WorkerRecord[];
  /** The pin's fencing generation; 0 when the store was away and rendezvous alone decided. */
  readonly generation: bigint;
}

export interface RouteOptions {
  /** Verifiers that just failed this request. */
  readonly avoid?: readonly string[];
  /** Only verifiers that serve it; default any. */
  readonly model?: string;
  /** The request's `prefixHashes`, asked for where there is a choice; default none. */
  readonly prefixes?: () => readonly string[];
  readonly signal?: AbortSignal;
}

export interface SessionRouterOptions {
  readonly registry: Registry;
  readonly store: SessionStore;
  /** Monotonic milliseconds. */
  readonly now: () => number;
  readonly onDegraded?: DegradedListener;
}

// While the store is away, one request in so many milliseconds pays its timeout to see whether it is back.
const STORE_RETRY_MS = 1000;

export class SessionRouter {
  readonly #degradation: Degradation;
  #askStoreFrom = Number.NEGATIVE_INFINITY;

  constructor(private readonly parts: SessionRouterOptions) {
    this.#degradation = new Degradation('pins', parts.onDegraded);
  }

  /** Errors: `invalid_argument` (session id), `unavailable` (no verifier, retry after a second), `cancelled`. */
  async route(sessionId: string, options: RouteOptions = {}): Promise<Route> {
    const { avoid = [], model, signal } = options;
    assertSessionId(sessionId);
    if (signal?.aborted) throw AppError.from(signal.reason);
    const { registry } = this.parts;
    const serving = registry
      .workers('verifier')
      .filter(({ id, model: serves }) => !avoid.includes(id) && (model === undefined || serves === model));
    // One that drains refuses every new call, its sessions' own too.
    const verifiers = rankWorkers(sessionId, serving.filter(isTaking));
    if (verifiers.length === 0) throw noVerifier(options, serving.length > 0);
    const candidate = bestVerifier(verifiers, verifiers.length > 1 ? (options.prefixes?.() ?? []) : []);
    const drafts = rankWorkers(sessionId, registry.workers('draft').filter(isTaking));
    const pin = await this.#claim({
      sessionId,
      candidate: { verifierId: candidate.id, draftId: preferred(drafts, candidate, null)[0]?.id ?? '' },
      liveVerifierIds: verifiers.map(({ id }) => id),
      liveDraftIds: drafts.map(({ id }) => id),
    });
    if (signal?.aborted) throw AppError.from(signal.reason);
    const verifier = verifiers.find(({ id }) => id === pin?.verifierId) ?? candidate;
    return { verifier, drafts: preferred(drafts, verifier, pin), generation: pin?.generation ?? 0n };
  }

  /** The pin, or null: there is none to be had, or the store is away. Pins are hints, so its failure is no error. */
  async #claim(request: ClaimRequest): Promise<Pin | null> {
    if (this.parts.now() < this.#askStoreFrom) return null;
    try {
      const pin = await this.parts.store.claim(request);
      this.#degradation.recovered();
      return pin;
    } catch (cause) {
      this.#askStoreFrom = this.parts.now() + STORE_RETRY_MS;
      this.#degradation.failed(cause);
      return null;
    }
  }
}

function isTaking({ draining }: WorkerRecord): boolean {
  return !draining;
}

function sharesVocabulary(draft: WorkerRecord, verifier: WorkerRecord): boolean {
  return draft.vocabularyFingerprint === verifier.vocabularyFingerprint;
}

function preferred(drafts: readonly WorkerRecord[], verifier: WorkerRecord, pin: Pin | null): WorkerRecord[] {
  const rank = (draft: WorkerRecord) =>
    2 * Number(sharesVocabulary(draft, verifier)) + Number(draft.id === pin?.draftId);
  return [...drafts].sort((a, b) => rank(b) - rank(a));
}

function noVerifier({ avoid = [], model }: RouteOptions, allDraining: boolean): AppError {
  const which = model === undefined ? '' : ` that serves ${JSON.stringify(model)}`;
  const message = allDraining
    ? `Every verifier${which} is draining and takes nothing new; start another one.`
    : avoid.length > 0
      ? `No other verifier is alive${which}; those tried have failed.`
      : `No verifier is alive${which}; start one or wait until it registers.`;
  return new AppError('unavailable', message, { retryAfterSeconds: 1 });
}
