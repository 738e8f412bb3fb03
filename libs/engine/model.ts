// One ONNX graph with its weights, and the only place that calls it. `session.run` blocks its thread, so a large Model
// lives in a worker thread. Contract of an exact model: the same tokens give bitwise the same logits in any chunking and
// after any rollback. It holds for two tokens or more at once, so a single one is padded with a dummy whose row is
// ignored.
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { AppError } from '#libs/errors/index.js';
import { graphInputs } from './graph-inputs.js';
import { canRunInPlace, runCopying, runInPlace } from './in-place.js';
import { KvCache } from './kv-cache.js';
import {
  type FeatureShape,
  type ForwardOptions,
  type ModelOptions,
  sideWidthsOf,
  subLayersOf,
} from './model-options.js';
import { RowBuffer } from './row-buffer.js';
import { sessionOptions } from './session-options.js';
import { checkSideRows, pieceOf, type SideWidths } from './side-rows.js';
import { checkNames, SideTensors } from './side-tensors.js';

/** Tokens a forward; bounds the memory of a long prompt's activations and the time until a stop is noticed. */
const CHUNK = 256;

export class Model {
  private readonly logits = new RowBuffer((length) => new Float32Array(length));
  private readonly sides: SideTensors;
  /** How long the rows are that a forward can be given and asked. */
  readonly sideWidths: SideWidths;

  private constructor(
    private readonly session: InferenceSession,
    private readonly options: ModelOptions,
    /** False if the pinned binding changed under us: results are then fetched by copy, correct but slow. */
    readonly inPlace: boolean,
  ) {
    this.sideWidths = sideWidthsOf(options);
    this.sides = new SideTensors(this.sideWidths);
  }

  /** @throws AppError failed_precondition if the graph cannot be loaded or run. */
  static async load(options: ModelOptions): Promise<Model> {
    try {
      const session = await InferenceSession.create(options.graphPath, sessionOptions(options.threads));
      checkNames(session, sideWidthsOf(options));
      return new Model(session, options, await canRunInPlace(session, options));
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause);
      throw new AppError('failed_precondition', `Cannot load the model ${options.graphPath}: ${reason}`, {
        cause,
      });
    }
  }

  get headSize(): number {
    return this.options.headSize;
  }

  /** Longest sequence; an exact model keeps one position for the dummy. */
  get contextLength(): number {
    return this.options.contextLength - (this.options.exact ? 1 : 0);
  }

  /** Sub-layers that can be skipped: 2 · numLayers, or 0 if the graph was built without. */
  get subLayers(): number {
    return subLayersOf(this.options);
  }

  /** What `writes.features` can be filled with; null: it gives none. */
  get features(): FeatureShape | null {
    return this.options.features ?? null;
  }

  /** What `reads.features` can be given, if this is a feature draft. */
  get reads(): FeatureShape | null {
    return this.options.reads ?? null;
  }

  newCache(): KvCache {
    return new KvCache(this.options);
  }

  /**
   * Appends tokens to the cache, in chunks, and returns the logits of the last `rows` of them: [rows, headSize], valid
   * until the next call. Between chunks it yields to the event loop and stops if the signal says so.
   */
  async advance(
    cache: KvCache,
    tokens: ArrayLike<number>,
    rows: number,
    signal?: AbortSignal,
    options: ForwardOptions = {},
  ): Promise<Float32Array> {
    const { skipMask } = options;
    if (skipMask !== undefined && (this.subLayers === 0 || skipMask.length !== this.subLayers))
      throw new RangeError(`A skip mask of ${skipMask.length} for a graph of ${this.subLayers} sub-layers`);
    if (skipMask !== undefined && options.writes?.features)
      throw new RangeError('Features are those of the full model, not of one whose sub-layers are skipped');
    if (tokens.length < rows)
      throw new RangeError(`${rows} rows of logits asked for ${tokens.length} tokens`);
    checkSideRows(options, { tokens: tokens.length, rows }, this.sideWidths);
    const all = Array.from(tokens);
    const total = all.length;
    let start = 0;
    const chunk = (count: number): ForwardOptions => {
      return { skipMask, ...pieceOf(options, { start, count, total }, this.sideWidths.features) };
    };
    while (total - start > CHUNK + rows) {
      await this.forward(cache, all.slice(start, start + CHUNK), 1, chunk(CHUNK));
      start += CHUNK;
      signal?.throwIfAborted();
    }
    return this.forward(cache, all.slice(start), rows, chunk(total - start));
  }

  /** Stops the session; the model is unusable afterwards. */
  async release(): Promise<void> {
    await this.session.release();
  }

  private async forward(
    cache: KvCache,
    tokens: number[],
    rows: number,
    options: ForwardOptions,
  ): Promise<Float32Array> {
    const { skipMask } = options;
    const length = cache.length + tokens.length;
    if (length > this.contextLength)
      throw new AppError(
        'context_length_exceeded',
        `${length} tokens exceed the context of ${this.contextLength}.`,
      );
    // Two rows at least, in the layers and in the head: one row takes another kernel with other rounding.
    const exact = this.options.exact && skipMask === undefined;
    const padded = exact && tokens.length === 1 ? [tokens[0]!, tokens[0]!] : tokens;
    const fetched = exact && rows === 1 ? 2 : rows;
    const first = padded.length > tokens.length ? 0 : tokens.length - fetched;
    cache.reserve(cache.length + padded.length);
    const { subLayers } = this;
    const feeds = graphInputs({
      tokens: padded,
      past: cache.length,
      firstRow: first,
      rows: fetched,
      subLayers,
      skipMask,
    });
    const portions = [{ ...options, tokens, rows }];
    Object.assign(feeds, this.sides.feeds(portions, padded.length), cache.feeds);
    const { headSize } = this.options;
    const logits = new Tensor('float32', this.logits.take(fetched * headSize), [1, fetched, headSize]);
    const fetches = { ...cache.fetches, logits, ...this.sides.fetches(portions, padded.length, fetched) };
    await (this.inPlace ? runInPlace : runCopying)(this.session, feeds, fetches);
    cache.length = length;
    const firstRow = padded.length > tokens.length ? 0 : fetched - rows;
    this.sides.deal(portions, firstRow);
    return (logits.data as Float32Array).subarray(firstRow * headSize, (firstRow + rows) * headSize);
  }
}
