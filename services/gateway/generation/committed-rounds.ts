// Keeps the committed tokens of one generation and outlives its verifiers: when one fails mid-way, the next is asked
// to go on from prompt + committed tokens, so the client's stream neither loses nor repeats a token. Greedy text goes on
// exactly as it would have; sampled text goes on as another draw of the same law, since rounds begin elsewhere.
import { setTimeout as sleep } from 'node:timers/promises';
import { AppError, type ErrorCode } from '#libs/errors/index.js';
import type { GenerateRequest, GenerateResponse } from '#libs/rpc/index.js';
import type { Route, SessionRouter } from '#libs/session/index.js';
import { BusyWait } from './busy-wait.js';
import type { RoundPace } from './round-pace.js';
import { type VerifierDialer, verifierRounds } from './verifier-call.js';

const MAX_BARREN_ATTEMPTS = 3;
const RETRY_DELAY_MS = 100;
/** What the call may outlive the request by: the request's own timeout says more than the call's does. */
const GRACE_MS = 250;
/**
 * What another verifier, or the same with a fresh fencing generation, may do better. A cancelled or malformed request
 * stays so everywhere.
 */
const RETRYABLE: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'unavailable',
  'internal',
  'resource_exhausted',
  'deadline_exceeded',
  'failed_precondition',
  'session_lost',
]);

export interface CommittedRoundsOptions {
  /** Generated before, by another gateway. Default none. */
  readonly committed?: readonly number[];
  readonly dialer: VerifierDialer;
  readonly router: Pick<SessionRouter, 'route'>;
  readonly pace: RoundPace;
  /** Until the request's deadline; undefined without one. Verifiers are told of it. */
  readonly timeLeftMs?: () => number | undefined;
  /** Longest wait for a verifier that has room. */
  readonly maxBusyMs: number;
  readonly vocabSize: number;
  readonly model: string;
  /** The request to the first verifier, less what the route decides. */
  readonly request: Omit<GenerateRequest, 'draftEndpoints' | 'fencingGeneration'>;
  readonly onFailover: (error: AppError, fromVerifierId: string, toVerifierId: string) => void;
}

export class CommittedRounds {
  readonly #committed: number[];
  #failovers = 0;

  constructor(private readonly options: CommittedRoundsOptions) {
    this.#committed = [...(options.committed ?? [])];
  }

  get failovers(): number {
    return this.#failovers;
  }

  /** Yields rounds until one has a finish reason. Errors: the last verifier's, after three attempts without a token. */
  async *from(first: Route, signal: AbortSignal): AsyncGenerator<GenerateResponse> {
    let route = first;
    const failed = new Set<string>();
    const busy = new BusyWait({ mostMs: this.options.maxBusyMs, now: () => performance.now() });
    for (let barren = 0; ; ) {
      const before = this.#committed.length;
      try {
        for await (const response of this.#ask(route, signal)) {
          for (const token of response.tokens) this.#committed.push(token);
          busy.over();
          yield response;
          if (response.finishReason !== undefined) return;
        }
      } catch (thrown) {
        const error = AppError.from(thrown);
        if (signal.aborted || !this.#mayRetry(error)) throw error;
        if (BusyWait.concerns(error)) {
          const other = (full: readonly string[]) => this.#route([...failed, ...full], signal);
          route = await busy.next(error, route.verifier.id, other, signal);
          continue;
        }
        const progressed = this.#committed.length > before;
        barren = progressed ? 0 : barren + 1;
        if (barren >= MAX_BARREN_ATTEMPTS) throw error;
        if (progressed) failed.clear();
        failed.add(route.verifier.id);
        if (barren > 1) await sleep(RETRY_DELAY_MS * barren, undefined, { signal });
        const next = await this.#routeAvoiding(failed, signal);
        this.#failovers++;
        this.options.onFailover(error, route.verifier.id, next.verifier.id);
        route = next;
      }
    }
  }

  #ask(route: Route, signal: AbortSignal): AsyncGenerator<GenerateResponse> {
    const { dialer, vocabSize, pace, request, timeLeftMs } = this.options;
    const leftMs = timeLeftMs?.();
    return verifierRounds(
      {
        dialer,
        vocabSize,
        pace,
        deadlineMs: leftMs === undefined ? undefined : leftMs + GRACE_MS,
        endpoint: route.verifier.endpoint,
        request: {
          ...request,
          tokens: [...request.tokens, ...this.#committed],
          maxTokens: request.maxTokens - this.#committed.length,
          draftEndpoints: route.drafts.map(({ endpoint }) => endpoint),
          fencingGeneration: route.generation,
        },
      },
      signal,
    );
  }

  /** When all have failed, the only one there is may be back already: it gets another chance. */
  async #routeAvoiding(failed: Set<string>, signal: AbortSignal): Promise<Route> {
    try {
      return await this.#route([...failed], signal);
    } catch (thrown) {
      if (AppError.from(thrown).code !== 'unavailable') throw thrown;
      failed.clear();
      await sleep(RETRY_DELAY_MS, undefined, { signal });
      return this.#route([], signal);
    }
  }

  #route(avoid: readonly string[], signal: AbortSignal): Promise<Route> {
    const { router, model, request } = this.options;
    return router.route(request.sessionId, { avoid, model, signal });
  }

  /** A verifier's deadline is the request's own: no other could do better. */
  #mayRetry({ code }: AppError): boolean {
    if (code === 'deadline_exceeded' && this.options.timeLeftMs?.() !== undefined) return false;
    return RETRYABLE.has(code);
  }
}
