// The draft model as all sessions share it: each waits with one step at a time, and the engine's batcher runs the steps of
// all who wait in one forward where that is quicker (step-queue.ts; docs/decisions/0026).
import type { Engine, Slot, SlotUse } from '#libs/engine/index.js';
import type { DraftRun } from '#libs/speculative/index.js';
import type { Head } from './head.js';
import { IdleTurns } from './idle-turns.js';

/** What drafting needs of an engine. */
export type DraftEngine = Pick<Engine, 'model' | 'slotUse' | 'batcher'>;

/** Tokens of prompts that one forward reads: bounds how long everybody else waits for it. */
export const PROMPT_STEP = 64;

export interface Drawn {
  /** Undefined: the run is over. */
  readonly token: number | undefined;
  /** Of the forwards that this step took part in, without the waiting for them, and of the draw. */
  readonly computeMs: number;
  /** Part of it, where sessions shared the last forward. */
  readonly ownMs: number;
}

export class Drafting {
  readonly idle = new IdleTurns();

  constructor(
    private readonly engine: DraftEngine,
    readonly head: Head,
  ) {}

  get contextLength(): number {
    return this.engine.model.contextLength;
  }

  get slotUse(): SlotUse {
    return this.engine.slotUse;
  }

  /**
   * Reads what the slot's cache lacks, in pieces, and draws the run's next token, which is appended to the slot's tokens.
   * @param slot In use by the caller.
   */
  draw(run: DraftRun, { tokens, cache }: Slot, signal: AbortSignal): Promise<Drawn> {
    const work = { cache, tokens: tokens.slice(cache.length), rows: 1 };
    return this.engine.batcher.advance(
      work,
      (logits, { computeMs, jobs }) => {
        const startMs = performance.now();
        const token = run.draw(logits);
        if (token !== undefined) tokens.push(token);
        const drawMs = performance.now() - startMs;
        return { token, computeMs: computeMs + drawMs, ownMs: computeMs / jobs + drawMs };
      },
      signal,
    );
  }
}
