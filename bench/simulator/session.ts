// One client that asks again whenever it has its answer. Its rounds are those of the real round loop, between a verifier
// and a draft that only take simulated time.
import { GREEDY } from '#libs/sampling/index.js';
import { decode, type Verifier } from '#libs/speculative/index.js';
import { VOCAB_SIZE } from './acceptance.js';
import type { Clock } from './clock.js';
import type { Curves } from './curves.js';
import { Delivery } from './delivery.js';
import type { SerialProcess } from './device.js';
import type { DraftServer } from './draft-server.js';
import { simulatedDraft } from './simulated-draft.js';
import type { SimulatedRequest } from './simulated-request.js';
import type { Verified, VerifierServer } from './verifier-server.js';

export interface SessionPlace {
  readonly gateway: SerialProcess;
  readonly client: SerialProcess;
  readonly verifier: VerifierServer;
  readonly draft: DraftServer | undefined;
  /** There and back. */
  readonly gatewayRttMs: number;
  readonly draftHopMs: number;
}

/** Rounds on their way to the client before the verifier waits: buffers are bounded. */
const MOST_UNDELIVERED = 8;
/** Of real time, which a simulated draft takes next to none of. */
const DRAFT_DEADLINE_MS = 60_000;

/** Told of what reaches the client. */
export interface Observer {
  tokens(count: number): void;
  round(drafted: number, accepted: number): void;
  /** @param tokenMs Mean time a token after the first piece; NaN for a single piece. */
  finished(tokenMs: number): void;
}

export class SimulatedSession {
  readonly #stop = new AbortController();

  constructor(
    private readonly clock: Clock,
    private readonly curves: Curves,
    private readonly place: SessionPlace,
    private readonly requests: Iterator<SimulatedRequest, never>,
    private readonly observer: Observer,
  ) {}

  /** Until it is stopped. */
  async run(): Promise<void> {
    const { signal } = this.#stop;
    try {
      for (;;) await this.#ask(this.requests.next().value, signal);
    } catch (error) {
      if (!signal.aborted) throw error;
    }
  }

  /** Nothing of it is left behind, not even the real timers of the round loop. */
  stop(): void {
    this.#stop.abort();
  }

  async #ask(request: SimulatedRequest, signal: AbortSignal): Promise<void> {
    const { clock, curves, observer } = this;
    const { gateway, gatewayRttMs } = this.place;
    await clock.promise((keep) => gateway.run(curves.gatewayMs, keep));
    await clock.wait(gatewayRttMs / 2 + curves.requestMs);
    const { draft, verifier, draftHopMs } = this.place;
    const draftModel = draft && simulatedDraft({ clock, draft, verifier, hopMs: draftHopMs }, request);
    const { proposer, gamma, ended } = request.start(draftModel);
    const task = {
      sessionId: '',
      promptTokens: request.prompt,
      sampling: GREEDY,
      maxTokens: request.answer.length,
      contextLength: Number.MAX_SAFE_INTEGER,
      stopTokenIds: new Set<number>(),
      vocabSize: VOCAB_SIZE,
    };
    const ports = { verifier: this.#verifier(request), proposer, gamma, now: () => clock.nowMs };
    const delivery = new Delivery(clock);
    for await (const { tokens, drafted, accepted } of decode(
      task,
      { ...ports, draftDeadlineMs: DRAFT_DEADLINE_MS },
      signal,
    )) {
      observer.round(drafted, accepted);
      this.#deliver(delivery, tokens.length);
      await delivery.below(MOST_UNDELIVERED);
    }
    ended();
    await delivery.below(1);
    observer.finished(delivery.tokenMs);
  }

  #verifier({ prompt, promptRows, answer }: SimulatedRequest): Verifier {
    const { clock } = this;
    return {
      verify: async ({ tokens }, proposal) => {
        const position = tokens.length - prompt.length;
        const rows = position === 0 ? promptRows : 1 + proposal.tokens.length;
        const verified = await clock.promise<Verified>((keep) =>
          this.place.verifier.verify(rows, position === 0, keep),
        );
        return { ...verified, verdict: answer.judged(position, proposal.tokens), cachedTokens: 0 };
      },
    };
  }

  /** The next round begins at once; what this one brought travels on by itself. */
  #deliver(delivery: Delivery, tokens: number): void {
    const { gateway, client, gatewayRttMs } = this.place;
    delivery.begun();
    this.clock.after(gatewayRttMs / 2, () =>
      gateway.run(this.curves.gatewayMs, () =>
        client.run(this.curves.clientMs, () => {
          this.observer.tokens(tokens);
          delivery.arrived(tokens);
        }),
      ),
    );
  }
}
