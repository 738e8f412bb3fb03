// The graph of several slots with its weights: one forward for the sequences of many sessions. Contract as Model's: if it
// is exact, a portion's logits are bitwise those of its sequence alone, whatever the other slots hold.
import { dirname, join } from 'node:path';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { AppError } from '#libs/errors/index.js';
import { runInPlace } from '../in-place.js';
import { type BatchFile, type ModelOptions, sideWidthsOf } from '../model-options.js';
import { RowBuffer } from '../row-buffer.js';
import { sessionOptions } from '../session-options.js';
import { checkSideRows, type SideWidths } from '../side-rows.js';
import { checkNames, SideTensors } from '../side-tensors.js';
import { attendedRows, batchInputs, type Fewest, headRows, type Portion } from './batch-inputs.js';

/** Names of a slot's KV buffers, in the order of a cache's tensors. */
interface SlotNames {
  readonly past: readonly string[];
  readonly present: readonly string[];
}

export class BatchGraph {
  private readonly logits = new RowBuffer((length) => new Float32Array(length));
  private readonly sideWidths: SideWidths;
  private readonly sides: SideTensors;
  /** Fed to unused slots, which leave it as it is. */
  private readonly unused: Tensor;
  private readonly names: readonly SlotNames[];
  private readonly fewest: Fewest;

  private constructor(
    private readonly session: InferenceSession,
    private readonly options: ModelOptions,
    private readonly batch: BatchFile,
  ) {
    const { numLayers, numKvHeads, headDim } = options;
    this.fewest = { rows: options.exact ? 2 : 1, tokens: batch.fewestTokens };
    this.sideWidths = sideWidthsOf(options);
    this.sides = new SideTensors(this.sideWidths);
    this.unused = new Tensor('float32', new Float32Array(numKvHeads * headDim), [1, numKvHeads, 1, headDim]);
    const parts = Array.from({ length: numLayers }, (_, i) => [`${i}.k`, `${i}.v`]).flat();
    this.names = Array.from({ length: batch.numSlots }, (_, slot) => ({
      past: parts.map((part) => `past.${slot}.${part}`),
      present: parts.map((part) => `present.${slot}.${part}`),
    }));
  }

  /** @throws AppError failed_precondition if the graph cannot be loaded. */
  static async load(options: ModelOptions, batch: BatchFile): Promise<BatchGraph> {
    const path = join(dirname(options.graphPath), batch.file);
    try {
      const session = await InferenceSession.create(path, sessionOptions(options.threads));
      checkNames(session, sideWidthsOf(options));
      return new BatchGraph(session, options, batch);
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause);
      throw new AppError('failed_precondition', `Cannot load the graph ${path}: ${reason}`, { cause });
    }
  }

  get numSlots(): number {
    return this.batch.numSlots;
  }

  /**
   * Appends each portion's tokens to its cache, fills what it wants to have written, and returns each one's rows of logits:
   * [rows, headSize], valid until the next call. No cache may appear twice; at most numSlots portions, whose lengths fit the context.
   */
  async forward(portions: readonly Portion[]): Promise<Float32Array[]> {
    const { headSize } = this.options;
    const { fewest, numSlots } = this;
    for (const { tokens, rows, ...side } of portions)
      checkSideRows(side, { tokens: tokens.length, rows }, this.sideWidths);
    const rows = headRows(portions, fewest);
    const numTokens = portions.reduce((sum, { tokens }) => sum + tokens.length, 0);
    const logits = this.logits.take(rows * headSize);
    const feeds = {
      ...batchInputs(portions, numSlots, fewest),
      ...this.sides.feeds(portions, numTokens),
    };
    const fetches: Record<string, Tensor> = {
      logits: new Tensor('float32', logits, [1, rows, headSize]),
      ...this.sides.fetches(portions, numTokens, rows),
    };
    for (const [slot, names] of this.names.entries()) this.addCache(portions[slot], names, feeds, fetches);
    await runInPlace(this.session, feeds, fetches);
    this.sides.deal(portions);
    let start = 0;
    return portions.map(({ cache, tokens, rows: wanted }) => {
      cache.length += tokens.length;
      const own = logits.subarray(start * headSize, (start + wanted) * headSize);
      start += wanted;
      return own;
    });
  }

  /** Stops the session; the graph is unusable afterwards. */
  async release(): Promise<void> {
    await this.session.release();
  }

  private addCache(
    portion: Portion | undefined,
    { past, present }: SlotNames,
    feeds: Record<string, Tensor>,
    fetches: Record<string, Tensor>,
  ): void {
    if (portion === undefined) {
      for (const name of past) feeds[name] = this.unused;
      return;
    }
    const { cache } = portion;
    cache.reserve(cache.length + attendedRows(portion, this.fewest));
    for (const [i, tensor] of Object.values(cache.feeds).entries()) {
      feeds[past[i]!] = tensor;
      fetches[present[i]!] = tensor;
    }
  }
}
