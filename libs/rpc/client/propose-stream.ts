// One generation's stream to a draft: a request and a response a round, matched by round number. A caller may stop
// waiting for a round; its late answer is then dropped. This is the hot path: one timer and one listener a round.
import type { ClientDuplexStream } from '@grpc/grpc-js';
import { AppError } from '#libs/errors/index.js';
import { proposeRequestToWire, proposeResponseFromWire } from '../convert/propose.js';
import type { ProposeRequest as WireRequest } from '../generated/outrider/v1/ProposeRequest.js';
import type { ProposeResponse__Output as WireResponse } from '../generated/outrider/v1/ProposeResponse.js';
import type { ProposeRequest, ProposeResponse } from '../messages.js';
import { appErrorFromCall } from '../status.js';
import { throwIfAborted } from './abortable.js';
import { fromPeer } from './call.js';
import type { CallEnd } from './call-end.js';

/** Requests that a draft may leave unanswered before the stream is given up: bounds what is buffered for it. */
const MAX_UNANSWERED = 16;
/** How long a draft may take to end its side after we ended ours. */
const END_TIMEOUT_MS = 5_000;
const MAX_TIMER_MS = 2 ** 31 - 1;

interface Round {
  readonly maxTokens: number;
  /** Undefined once the caller has stopped waiting. */
  settle: ((outcome: ProposeResponse | AppError) => void) | undefined;
}

export class ProposeStream {
  readonly #rounds = new Map<number, Round>();
  #broken: AppError | undefined;

  constructor(
    private readonly call: ClientDuplexStream<WireRequest, WireResponse>,
    private readonly end: CallEnd,
    private readonly endpoint: string,
  ) {
    call.on('data', (wire: WireResponse) => this.#receive(wire));
    call.on('error', (error) => this.#break(appErrorFromCall(error, endpoint)));
    call.on('status', () => this.#break(new AppError('unavailable', `${endpoint} ended the stream.`)));
  }

  /** Why the stream is of no more use; undefined while it is. */
  get broken(): AppError | undefined {
    return this.#broken;
  }

  /** Requests the draft has not answered yet, awaited or given up. */
  get unanswered(): number {
    return this.#rounds.size;
  }

  /**
   * Sends before it returns. Rejects with `deadline_exceeded` after `timeoutMs`, with the signal's reason when it
   * aborts (the stream stays usable after both), and with the failure when the stream breaks.
   */
  propose(
    request: ProposeRequest,
    signal: AbortSignal,
    timeoutMs = Number.POSITIVE_INFINITY,
  ): Promise<ProposeResponse> {
    return new Promise((resolve, reject) => {
      this.#checkUsable(request.round);
      throwIfAborted(signal);
      let timer: NodeJS.Timeout | undefined;
      const settle = (outcome: ProposeResponse | AppError) => {
        round.settle = undefined;
        clearTimeout(timer);
        signal.removeEventListener('abort', onAbort);
        if (outcome instanceof AppError) reject(outcome);
        else resolve(outcome);
      };
      const onAbort = () => settle(AppError.from(signal.reason));
      const round: Round = { maxTokens: request.maxTokens, settle };
      this.#rounds.set(request.round, round);
      signal.addEventListener('abort', onAbort);
      if (timeoutMs <= MAX_TIMER_MS) timer = setTimeout(() => settle(this.#late(timeoutMs)), timeoutMs);
      this.call.write(proposeRequestToWire(request));
    });
  }

  /** Ends the stream; what is pending is rejected. */
  close(): void {
    if (this.#broken !== undefined) return;
    if (this.unanswered > 0) this.end.cancel();
    else {
      this.call.end();
      this.end.cancelAfter(END_TIMEOUT_MS);
    }
    this.#break(new AppError('cancelled', `The stream to ${this.endpoint} was closed.`));
  }

  #receive(wire: WireResponse): void {
    const round = this.#rounds.get(Number(wire.round));
    if (round === undefined) {
      this.#abandon(`answered round ${wire.round}, which was not asked`);
      return;
    }
    this.#rounds.delete(Number(wire.round));
    if (round.settle === undefined) return;
    try {
      round.settle(fromPeer(this.endpoint, () => proposeResponseFromWire(wire, round.maxTokens)));
    } catch (error) {
      round.settle?.(AppError.from(error));
      this.#abandon('sent an invalid message');
    }
  }

  #checkUsable(round: number): void {
    if (this.#broken !== undefined) throw this.#broken;
    if (this.#rounds.has(round))
      throw new AppError('invalid_argument', `Round ${round} was asked before.`, { field: 'round' });
    if (this.unanswered >= MAX_UNANSWERED)
      throw this.#abandon(`has left ${MAX_UNANSWERED} requests unanswered`);
  }

  #late(timeoutMs: number): AppError {
    return new AppError('deadline_exceeded', `${this.endpoint} did not propose within ${timeoutMs} ms.`);
  }

  #abandon(misdeed: string): AppError {
    this.end.cancel();
    return this.#break(new AppError('internal', `${this.endpoint} ${misdeed}; the stream is given up.`));
  }

  #break(error: AppError): AppError {
    if (this.#broken !== undefined) return this.#broken;
    this.#broken = error;
    const rounds = [...this.#rounds.values()];
    this.#rounds.clear();
    for (const round of rounds) round.settle?.(error);
    return error;
  }
}
