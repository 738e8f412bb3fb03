// One ONNX graph with its weights, and the only place that calls it. `session.run` blocks its thread, so a large Model
// lives in a worker thread. Contract of an exact model: the same tokens give bitwise the same logits in any chunking and
// after any rollback. It holds for two tokens or more at once, so a single one is padded with a dummy whose row is
// ignored.
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { AppError } from '#libs/errors/index.js';
import { graphInputs } from './graph-inputs.js';
import { canRunInPlace, runCopying, runInPlace } from './in-place.js';
import { KvCache, type KvShape } from './kv-cache.js';
import { sessionOptions } from './session-options.js';

export interface ModelOptions extends KvShape {
  /** The .onnx file; its weights lie beside it. */
  readonly graphPath: string;
  /** Logits a row. */
  readonly headSize: number;
  /** Positions the rotary tables cover. */
  readonly contextLength: number;
  readonly threads: number;
  /** Bitwise the same logits in any chunking: needed for targets, wasted on drafts. */
  readonly exact: boolean;
  /** Whether the graph has the `skip_mask` input: bool [2 · numLayers], attention i at 2i, MLP i at 2i + 1. */
  readonly layerSkip: boolean;
  /** The graph of several slots, in a file beside this one: see BatchGraph. */
  readonly batch?: BatchFile | null | undefined;
}

export interface BatchFile {
  readonly file: string;
  readonly numSlots: number;
  /** Tokens, cached ones included, that attention must be given of a sequence. */
  readonly fewestTokens: number;
}

/** Tokens a forward; bounds the memory of a long prompt's activations and the time until a stop is noticed. */
const CHUNK = 256;

export class Model {
  /** One for all calls, as long as the most rows asked for so far. */
  private logits = new Float32Array(0);

  private constructor(
    private readonly session: InferenceSession,
    private readonly options: ModelOptions,
    /** False if the pinned binding changed under us: results are then fetched by copy, correct but slow. */
    readonly inPlace: boolean,
  ) {}

  /** @throws AppError failed_precondition if the graph cannot be loaded or run. */
  static async load(options: ModelOptions): Promise<Model> {
    try {
      const session = await InferenceSession.create(options.graphPath, sessionOptions(options.threads));
      return new Model(session, options, await canRunInPlace(session, options, subLayersOf(options)));
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

  newCache(): KvCache {
    return new KvCache(this.options);
  }

  /**
   * Appends tokens to the cache, in chunks, and returns the logits of the last `rows` of them: [rows, headSize], valid
   * until the next call. Between chunks it yields to the event loop and stops if the signal says so.
   * @param skipMask 1 skips a sub-layer (attention i at 2i, MLP i at 2i + 1). Such rows are a draft's: not exact, and to be
   * truncated before the full model reads on. [subLayers]
   */
  async advance(
    cache: KvCache,
    tokens: ArrayLike<number>,
    rows: number,
    signal?: AbortSignal,
    skipMask?: Uint8Array,
  ): Promise<Float32Array> {
    if (skipMask !== undefined && (this.subLayers === 0 || skipMask.length !== this.subLayers))
      throw new RangeError(`A skip mask of ${skipMask.length} for a graph of ${this.subLayers} sub-layers`);
    if (tokens.length < rows)
      throw new RangeError(`${rows} rows of logits asked for ${tokens.length} tokens`);
    const all = Array.from(tokens);
    let start = 0;
    while (all.length - start > CHUNK + rows) {
      await this.forward(cache, all.slice(start, start + CHUNK), 1, skipMask);
      start += CHUNK;
      signal?.throwIfAborted();
    }
    return this.forward(cache, all.slice(start), rows, skipMask);
  }

  /** Stops the session; the model is unusable afterwards. */
  async release(): Promise<void> {
    await this.session.release();
  }

  private async forward(
    cache: KvCache,
    tokens: number[],
    rows: number,
    skipMask: Uint8Array | undefined,
  ): Promise<Float32Array> {
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
    const inputs = graphInputs({
      tokens: padded,
      past: cache.length,
      firstRow: first,
      rows: fetched,
      subLayers: this.subLayers,
      skipMask,
    });
    const logits = await this.run(cache, inputs, fetched);
    cache.length = length;
    const { headSize } = this.options;
    const end = padded.length > tokens.length ? headSize : fetched * headSize;
    return logits.subarray(end - rows * headSize, end);
  }

  private async run(cache: KvCache, inputs: Record<string, Tensor>, rows: number): Promise<Float32Array> {
    const logits = this.logitBuffer(rows);
    const run = this.inPlace ? runInPlace : runCopying;
    await run(this.session, { ...inputs, ...cache.feeds }, { ...cache.fetches, logits });
    return logits.data as Float32Array;
  }

  private logitBuffer(rows: number): Tensor {
    const { headSize } = this.options;
    if (this.logits.length < rows * headSize) this.logits = new Float32Array(rows * headSize);
    return new Tensor('float32', this.logits.subarray(0, rows * headSize), [1, rows, headSize]);
  }
}

/** Sub-layers that the skip mask covers. */
function subLayersOf({ layerSkip, numLayers }: ModelOptions): number {
  return layerSkip ? 2 * numLayers : 0;
}
