// A draft model in the target's own thread: for a machine that drafts and verifies alike. No message crosses to another
// process and none is waited for; what is drafted takes turns with the target's forwards.
import { Drafting, DraftStream, Head, openDraftEngine } from '#libs/drafting/index.js';
import type { Engine, KvUsage } from '#libs/engine/index.js';
import { AppError } from '#libs/errors/index.js';
import type { DraftOptions } from '#libs/hosting/index.js';
import {
  type DraftPlan,
  FeatureMemory,
  FeatureWindow,
  type Proposer,
  type Sequence,
  type TimedProposal,
  ToldSequence,
} from '#libs/speculative/index.js';

export interface LocalDraftOptions extends DraftOptions {
  /** The draft's name. */
  readonly model: string;
}

export class LocalDraft {
  readonly #drafting: Drafting;
  readonly #memory: FeatureMemory;

  /** @param featureBytes Bound of the features kept for it. */
  constructor(
    private readonly engine: Engine,
    private readonly options: Omit<LocalDraftOptions, 'engine'>,
    featureBytes: number,
  ) {
    this.#drafting = new Drafting(engine, new Head(options.headTokenIds, options.vocabSize));
    this.#memory = new FeatureMemory(featureBytes);
  }

  /** @throws AppError failed_precondition if a graph is missing or cannot be run. */
  static async open({ engine, ...options }: LocalDraftOptions, featureBytes: number): Promise<LocalDraft> {
    return new LocalDraft(await openDraftEngine(engine), options, featureBytes);
  }

  get model(): string {
    return this.options.model;
  }

  /** For one generation. */
  proposer(): LocalProposer {
    const { features } = this.options;
    const isWanted = () => true;
    const window = features && new FeatureWindow({ width: features.width, memory: this.#memory, isWanted });
    return new LocalProposer(this.#drafting, window);
  }

  get usage(): KvUsage {
    return this.engine.slots.usage;
  }

  release(): Promise<void> {
    return this.engine.release();
  }
}

export class LocalProposer implements Proposer {
  readonly #stream: DraftStream;
  readonly #told = new ToldSequence();

  constructor(
    drafting: Drafting,
    readonly featureWindow: FeatureWindow | undefined,
  ) {
    this.#stream = new DraftStream(drafting);
  }

  /** Nothing: the thread is the target's, and the first token is waited for. The first proposal reads the prompt. */
  async warmUp(): Promise<void> {}

  async propose(sequence: Sequence, plan: DraftPlan, signal: AbortSignal): Promise<TimedProposal> {
    try {
      return await this.#ask(sequence, plan, signal);
    } catch (error) {
      if (AppError.from(error).code !== 'session_lost') throw error;
      this.#told.forget();
      return this.#ask(sequence, plan, signal);
    }
  }

  close(): void {
    this.featureWindow?.close();
  }

  #ask(sequence: Sequence, plan: DraftPlan, signal: AbortSignal): Promise<TimedProposal> {
    const { sessionId, promptLength, sampling, cacheSalt } = sequence;
    const news = this.#told.news(sequence, this.featureWindow !== undefined);
    this.#told.told(sequence);
    return this.#stream.propose({ ...news, ...plan, sessionId, promptLength, sampling, cacheSalt }, signal);
  }
}
