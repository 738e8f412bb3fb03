// The draft model as all sessions share it: one forward at a time, in turns (step-queue.ts).
import type { Engine, KvCache, SideWidths, Slot } from '#libs/engine/index.js';
import type { DraftRun, FeatureRows } from '#libs/speculative/index.js';
import type { Head } from './head.js';
import { checkFeatures, RoundFeatures } from './round-features.js';
import { SlotLoans } from './slot-loans.js';
import { StepQueue } from './step-queue.js';

/** What drafting needs of an engine. */
export type DraftEngine = Pick<Engine, 'model' | 'slots'>;

/** Tokens of a prompt that one step reads: bounds how long everybody else waits for it. */
export const PROMPT_STEP = 64;

export interface Drawn {
  /** Undefined: the run is over. */
  readonly token: number | undefined;
  /** Of the steps themselves, without the waiting. */
  readonly computeMs: number;
}

export class Drafting {
  readonly steps = new StepQueue();
  readonly loans: SlotLoans;

  constructor(
    private readonly engine: DraftEngine,
    readonly head: Head,
  ) {
    this.loans = new SlotLoans(engine.slots);
  }

  get contextLength(): number {
    return this.engine.model.contextLength;
  }

  /** Whether the draft reads the target's features. */
  get readsFeatures(): boolean {
    return this.#widths.readFeatures > 0;
  }

  /**
   * What one round reads of them; undefined if this draft reads none.
   * @throws AppError as checkFeatures.
   */
  features(sent: FeatureRows | undefined, committedLength: number): RoundFeatures | undefined {
    checkFeatures(sent, this.#widths.readFeatures, committedLength);
    return this.readsFeatures ? new RoundFeatures(committedLength, sent, this.#widths) : undefined;
  }

  get #widths(): SideWidths {
    return this.engine.model.sideWidths;
  }

  /**
   * Reads what the slot's cache lacks, and draws the run's next token, which is appended to the slot's tokens.
   * @param slot Lent to the caller.
   * @param features Of a feature draft.
   */
  async draw(run: DraftRun, slot: Slot, signal: AbortSignal, features?: RoundFeatures): Promise<Drawn> {
    let computeMs = 0;
    while (slot.tokens.length - slot.cache.length > PROMPT_STEP)
      computeMs += await this.steps.run(() => this.#read(slot, features), signal);
    const drawn = await this.steps.run(() => this.drawNow(run, slot, features), signal);
    return { ...drawn, computeMs: computeMs + drawn.computeMs };
  }

  /** The same without waiting for a turn: inside a step, with no more than PROMPT_STEP tokens to read. */
  async drawNow(run: DraftRun, { tokens, cache }: Slot, features?: RoundFeatures): Promise<Drawn> {
    const startMs = performance.now();
    const logits = await this.#advance(cache, tokens.slice(cache.length), features);
    const token = run.draw(logits);
    if (token !== undefined) tokens.push(token);
    return { token, computeMs: performance.now() - startMs };
  }

  async #read({ tokens, cache }: Slot, features: RoundFeatures | undefined): Promise<number> {
    const startMs = performance.now();
    await this.#advance(cache, tokens.slice(cache.length, cache.length + PROMPT_STEP), features);
    return performance.now() - startMs;
  }

  #advance(cache: KvCache, tokens: readonly number[], features: RoundFeatures | undefined) {
    const side = features?.readBy(cache.length, tokens.length);
    return this.engine.model.advance(cache, tokens, 1, undefined, side);
  }
}
