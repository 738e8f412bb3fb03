// One client that asks again whenever it has its answer, and the rounds of its answers. Lengths of drafts are decided by
// the very controllers that verifiers use.
import type { GammaController } from '#libs/speculative/index.js';
import type { Answer, Drafted } from './acceptance.js';
import type { Clock } from './clock.js';
import type { Curves } from './curves.js';
import type { SerialProcess } from './device.js';
import type { DraftServer } from './draft-server.js';
import type { VerifierServer } from './verifier-server.js';

export interface SimulatedRequest {
  readonly promptRows: number;
  readonly answer: Answer;
  /** Undefined: plain decoding. */
  readonly gamma: GammaController | undefined;
}

export interface SessionPlace {
  readonly gateway: SerialProcess;
  readonly client: SerialProcess;
  readonly verifier: VerifierServer;
  readonly draft: DraftServer | undefined;
  /** There and back. */
  readonly gatewayRttMs: number;
  readonly draftRttMs: number;
}

/** Rounds on their way to the client before the verifier waits: buffers are bounded. */
const MOST_UNDELIVERED = 8;

/** Told of what reaches the client. */
export interface Observer {
  tokens(count: number, isFirst: boolean): void;
  /** @param tokenMs Mean time a token after the first piece; NaN for a single piece. */
  finished(tokens: number, tokenMs: number): void;
}

export class SimulatedSession {
  constructor(
    private readonly clock: Clock,
    private readonly curves: Curves,
    private readonly place: SessionPlace,
    private readonly requests: Iterator<SimulatedRequest, never>,
    private readonly observer: Observer,
  ) {}

  ask(): void {
    const request = this.requests.next().value;
    const { gateway, gatewayRttMs, verifier } = this.place;
    const running = new Running(request, this.clock.nowMs);
    // The draft reads the prompt beside the target, if it is to be asked at all.
    if ((request.gamma?.next().maxTokens ?? 0) > 0) this.place.draft?.read(request.promptRows);
    gateway.run(this.curves.gatewayMs, () =>
      this.clock.after(gatewayRttMs / 2, () =>
        verifier.verify(request.promptRows, true, () =>
          this.#commit(running, { drafted: 0, accepted: 0, confidences: [] }),
        ),
      ),
    );
  }

  #round(running: Running): void {
    const { gamma, answer } = running.request;
    const left = answer.length - running.committed;
    const plan = gamma?.next() ?? { maxTokens: 0, minConfidence: 0 };
    const clipped = { ...plan, maxTokens: Math.min(plan.maxTokens, left - 1) };
    const startMs = this.clock.nowMs;
    if (clipped.maxTokens <= 0 || this.place.draft === undefined) {
      this.#verify(running, { drafted: 0, accepted: 0, confidences: [] }, startMs);
      return;
    }
    const drafted = answer.at(running.committed, clipped);
    const hopMs = this.curves.draftHopMs + this.place.draftRttMs;
    this.clock.after(hopMs / 2, () =>
      this.place.draft!.propose(drafted.drafted, () =>
        this.clock.after(hopMs / 2, () => this.#verify(running, drafted, startMs)),
      ),
    );
  }

  #verify(running: Running, drafted: Drafted, startMs: number): void {
    this.place.verifier.verify(drafted.drafted + 1, false, ({ seenMs, load }) => {
      const restMs = this.clock.nowMs - seenMs;
      running.request.gamma?.observe({ ...drafted, draftMs: seenMs - startMs, restMs, load });
      this.#commit(running, drafted);
    });
  }

  /** The next round begins at once; what this one brought travels on by itself. */
  #commit(running: Running, { accepted }: Drafted): void {
    const tokens = Math.min(accepted + 1, running.request.answer.length - running.committed);
    running.committed += tokens;
    const isLast = running.committed >= running.request.answer.length;
    running.undelivered++;
    this.#deliver(running, tokens, isLast);
    if (isLast) return;
    if (running.undelivered < MOST_UNDELIVERED) this.#round(running);
    else running.isHeldUp = true;
  }

  #deliver(running: Running, tokens: number, isLast: boolean): void {
    const { gateway, client, gatewayRttMs } = this.place;
    this.clock.after(gatewayRttMs / 2, () =>
      gateway.run(this.curves.gatewayMs, () =>
        client.run(this.curves.clientMs, () => {
          this.observer.tokens(tokens, running.firstMs === undefined);
          running.arrived(tokens, this.clock.nowMs);
          if (running.isHeldUp) {
            running.isHeldUp = false;
            this.#round(running);
          }
          if (!isLast) return;
          this.observer.finished(running.committed, running.tokenMs);
          this.ask();
        }),
      ),
    );
  }
}

class Running {
  committed = 0;
  undelivered = 0;
  isHeldUp = false;
  firstMs: number | undefined;
  #lastMs = 0;
  #later = 0;

  constructor(
    readonly request: SimulatedRequest,
    readonly askedMs: number,
  ) {}

  arrived(tokens: number, nowMs: number): void {
    this.undelivered--;
    if (this.firstMs === undefined) this.firstMs = nowMs;
    else this.#later += tokens;
    this.#lastMs = nowMs;
  }

  get tokenMs(): number {
    return (this.#lastMs - (this.firstMs ?? 0)) / this.#later;
  }
}
