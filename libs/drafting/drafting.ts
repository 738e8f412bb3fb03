// The draft model as all sessions share it: each waits with one step at a time, and the engine's batcher runs the steps of
// all who wait in one forward where that is quicker (step-queue.ts; docs/decisions/0026).
import type { Engine, SideWidths, Slot, SlotUse } from '#libs/engine/index.js';
import type { DraftRun, FeatureRows } from '#libs/speculative/index.js';
import type { Head } from './head.js';
import { IdleTurns } from './idle-turns.js';
import { checkFeatures, RoundFeatures } from './round-features.js';

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

  /**
   * Reads what the slot's cache lacks, in pieces, and draws the run's next token, which is appended to the slot's tokens.
   * @param slot In use by the caller.
   * @param features Of a feature draft.
   */
  draw(
    run: DraftRun,
    { tokens, cache }: Slot,
    signal: AbortSignal,
    features?: RoundFeatures,
  ): Promise<Drawn> {
    const fresh = tokens.slice(cache.length);
    const work = { cache, tokens: fresh, rows: 1, ...features?.readBy(cache.length, fresh.length) };
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

  get #widths(): SideWidths {
    return this.engine.model.sideWidths;
  }
}
