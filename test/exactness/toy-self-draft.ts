// A toy target that drafts for itself with layers skipped, by the product's own proposer: the skipped model has another law,
// and whoever reads keys and values that a skipped pass has left answers by that law too.
import type { Batcher, Engine, Slot, SlotRequest } from '#libs/engine/index.js';
import type { Proposer, Verifier } from '#libs/speculative/index.js';
import { LayerSkipProposer } from '../../services/verifier/layer-skip.js';
import { rowIndex, type ToyModel } from './toy-models.js';

const SKIP_MASK = Uint8Array.of(1, 0);
const CONTEXT_LENGTH = 100;

/** Only where rows come from is remembered of keys and values. */
class ToyCache {
  /** Entry i: whether row i was computed with layers skipped. */
  rows: boolean[] = [];

  constructor(private readonly keepsSkipped: boolean) {}

  get length(): number {
    return this.rows.length;
  }

  get isSpoilt(): boolean {
    return this.rows.includes(true);
  }

  truncate(length: number): void {
    if (!this.keepsSkipped || !this.isSpoilt) this.rows = this.rows.slice(0, length);
  }
}

export interface SelfDraft {
  readonly proposer: Proposer;
  readonly verifier: Verifier;
}

export interface SelfDraftModels {
  /** The target with layers skipped. */
  readonly skipped: ToyModel;
  /** The target, and what it says when it reads rows of the skipped model. */
  readonly verifier: Verifier;
  readonly spoiltVerifier: Verifier;
  /** A mistake: rows of skipped passes are found again by the verification. */
  readonly keepsSkipped?: boolean;
}

/** Of one generation. */
export function selfDraft({
  skipped,
  verifier,
  spoiltVerifier,
  keepsSkipped = false,
}: SelfDraftModels): SelfDraft {
  const cache = new ToyCache(keepsSkipped);
  const slot = { tokens: [] as number[], cache };
  const acquire = ({ tokens }: Pick<SlotRequest, 'tokens'>): Slot => {
    slot.tokens = Array.from(tokens);
    cache.truncate(tokens.length - 1);
    return slot as unknown as Slot;
  };
  const advance: Batcher['advance'] = async ({ tokens, skipMask }, read) => {
    cache.rows.push(...tokens.map(() => skipMask === SKIP_MASK));
    const logits = skipped.rows[rowIndex(skipped, slot.tokens)]!;
    return read(logits, { computeMs: 0, waitMs: 0, rows: 1, jobs: 1, tokens: tokens.length });
  };
  const engine = {
    model: { contextLength: CONTEXT_LENGTH },
    batcher: { advance },
    slotUse: { run: async (request: SlotRequest, job: (slot: Slot) => unknown) => job(acquire(request)) },
  } as unknown as Engine;
  return {
    proposer: new LayerSkipProposer(engine, SKIP_MASK),
    verifier: {
      async verify(sequence, proposal, signal) {
        acquire(sequence);
        const timed = await (cache.isSpoilt ? spoiltVerifier : verifier).verify(sequence, proposal, signal);
        cache.rows.length = sequence.tokens.length + timed.verdict.acceptedCount;
        cache.rows.fill(false);
        return timed;
      },
    },
  };
}
