// A real gRPC verifier without a model: it answers from a script of tokens, as a function of the position, so that any
// fake with the same script goes on where another stopped. It can stall, die mid-stream, refuse and lie.
import { setTimeout as sleep } from 'node:timers/promises';
import type { AppError } from '#libs/errors/index.js';
import {
  type CallContext,
  type GenerateRequest,
  type GenerateResponse,
  type RoundStats,
  type RpcServer,
  startServer,
  verifierServiceHandlers,
} from '#libs/rpc/index.js';
import { fakeLogprobs } from './fake-logprobs.js';

export interface FakeVerifierOptions {
  readonly vocabSize: number;
  readonly vocabularyFingerprint: string;
  /** The answer to every prompt; the last token may be an end token. */
  readonly script: readonly number[];
  /** Committed tokens a round; default 3. */
  readonly tokensPerRound?: number;
}

export type Mishap =
  | { readonly kind: 'fail'; readonly afterRounds: number; readonly error: AppError }
  /** Ends its stream well, without a finish reason. */
  | { readonly kind: 'end'; readonly afterRounds: number }
  /** Says nothing more until it is cancelled. */
  | { readonly kind: 'stall'; readonly afterRounds: number }
  | { readonly kind: 'send'; readonly afterRounds: number; readonly tokens: readonly number[] };

/** What fakes share so that one can go on where another stopped, and the first one asked has the next mishap. */
export interface FakeTeam {
  readonly promptLengths: Map<string, number>;
  readonly mishaps: Mishap[];
}

export function fakeTeam(): FakeTeam {
  return { promptLengths: new Map(), mishaps: [] };
}

export class FakeVerifier {
  readonly requests: GenerateRequest[] = [];
  /** Of the same calls, epoch milliseconds. */
  readonly deadlines: (number | undefined)[] = [];
  /** Rounds of all calls that were asked for. */
  rounds = 0;
  /** Calls that run now. */
  running = 0;
  /** Calls that their client cancelled. */
  cancelled = 0;
  /** What goes wrong with the next calls, first come first served; then all is well. */
  readonly mishaps: Mishap[];
  /** Another script for some requests. */
  scriptOf: (request: GenerateRequest) => readonly number[] = () => this.script;
  /** Leaves out the log probabilities that it is asked for. */
  hidesLogprobs = false;
  /** Milliseconds before each round. */
  roundDelayMs = 0;
  script: readonly number[];
  tokensPerRound: number;
  #server: RpcServer | undefined;
  #onCancelled: (() => void) | undefined;
  /** Prompt length by request id: a resumed request brings more tokens. */
  readonly #promptLengths: Map<string, number>;

  private constructor(options: FakeVerifierOptions, team: FakeTeam) {
    this.script = options.script;
    this.tokensPerRound = options.tokensPerRound ?? 3;
    this.mishaps = team.mishaps;
    this.#promptLengths = team.promptLengths;
  }

  static async start(options: FakeVerifierOptions, team = fakeTeam()): Promise<FakeVerifier> {
    const fake = new FakeVerifier(options, team);
    fake.#server = await startServer({
      host: '127.0.0.1',
      port: 0,
      serving: true,
      services: [
        verifierServiceHandlers({
          generate: (request, context) => fake.#counted(request, context),
          modelInfo: async () => ({
            model: 'tiny',
            vocabSize: options.vocabSize,
            vocabularyFingerprint: options.vocabularyFingerprint,
            contextLength: 512,
          }),
        }),
      ],
    });
    return fake;
  }

  get endpoint(): string {
    return `127.0.0.1:${this.#server!.port}`;
  }

  /** Resolves at the next cancelled call. */
  nextCancelled(): Promise<void> {
    return new Promise((resolve) => {
      this.#onCancelled = resolve;
    });
  }

  async close(): Promise<void> {
    await this.#server?.close();
  }

  async *#counted(request: GenerateRequest, context: CallContext): AsyncGenerator<GenerateResponse> {
    this.deadlines.push(context.deadline);
    this.running++;
    try {
      yield* this.#generate(request, context);
    } finally {
      this.running--;
    }
  }

  async *#generate(request: GenerateRequest, { signal }: CallContext): AsyncGenerator<GenerateResponse> {
    this.requests.push(request);
    const mishap = this.mishaps.shift();
    signal.addEventListener('abort', () => {
      this.cancelled++;
      this.#onCancelled?.();
    });
    const promptLength = this.#promptLengths.get(request.requestId) ?? request.promptLength;
    this.#promptLengths.set(request.requestId, promptLength);
    let at = request.tokens.length - promptLength;
    const script = this.scriptOf(request);
    const end = Math.min(script.length, at + request.maxTokens);
    for (let round = 0; ; round++) {
      if (mishap?.afterRounds === round) {
        if (mishap.kind === 'fail') throw mishap.error;
        if (mishap.kind === 'end') return;
        if (mishap.kind === 'stall') await sleep(600_000, undefined, { signal });
        if (mishap.kind === 'send') yield { tokens: mishap.tokens, round: roundStats(request, round) };
      }
      this.rounds++;
      if (this.roundDelayMs > 0) await sleep(this.roundDelayMs, undefined, { signal });
      const next = Math.min(at + this.tokensPerRound, end);
      const tokens = script.slice(at, next);
      at = next;
      const finish = at < end ? {} : { finishReason: finishReasonOf(tokens, request) };
      const logprobs = this.hidesLogprobs ? {} : fakeLogprobs(request, tokens, round === 0);
      yield { tokens, round: roundStats(request, round), ...finish, ...logprobs };
      if (at >= end) return;
    }
  }
}

function finishReasonOf(tokens: readonly number[], request: GenerateRequest): 'stop' | 'length' {
  const last = tokens.at(-1);
  return last !== undefined && request.stopTokenIds.includes(last) ? 'stop' : 'length';
}

/** Four drafted, two accepted: a round of three tokens. */
function roundStats(request: GenerateRequest, round: number): RoundStats {
  const speculates = request.speculation.enabled;
  return {
    drafted: speculates ? 4 : 0,
    accepted: speculates ? 2 : 0,
    draftMs: 2,
    verifyMs: 3,
    totalMs: 5.5,
    draftComputeMs: 1,
    verifyComputeMs: 2,
    cachedTokens: round === 0 ? 7 : 0,
  };
}
