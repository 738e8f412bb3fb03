// The draft model as all sessions share it: one forward at a time, in turns (step-queue.ts).
import type { Engine, Slot } from '#libs/engine/index.js';
import type { DraftRun } from '#libs/speculative/index.js';
import type { Head } from './head.js';
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

  /**
   * Reads what the slot's cache lacks, and draws the run's next token, which is appended to the slot's tokens.
   * @param slot Lent to the caller.
   */
  async draw(run: DraftRun, slot: Slot, signal: AbortSignal): Promise<Drawn> {
    let computeMs = 0;
    while (slot.tokens.length - slot.cache.length > PROMPT_STEP)
      computeMs += await this.steps.run(() => this.#read(slot), signal);
    const drawn = await this.steps.run(() => this.drawNow(run, slot), signal);
    return { ...drawn, computeMs: computeMs + drawn.computeMs };
  }

  /** The same without waiting for a turn: inside a step, with no more than PROMPT_STEP tokens to read. */
  async drawNow(run: DraftRun, { tokens, cache }: Slot): Promise<Drawn> {
    const startMs = performance.now();
    const logits = await this.engine.model.advance(cache, tokens.slice(cache.length), 1);
    const token = run.draw(logits);
    if (token !== undefined) tokens.push(token);
    return { token, computeMs: performance.now() - startMs };
  }

  async #read({ tokens, cache }: Slot): Promise<number> {
    const startMs = performance.now();
    await this.engine.model.advance(cache, tokens.slice(cache.length, cache.length + PROMPT_STEP), 1);
    return performance.now() - startMs;
  }
}
