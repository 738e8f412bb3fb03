// What a feature draft reads beside its tokens in one round (EAGLE-3, arXiv 2503.01840): the target's features of the position
// before, where they were sent; behind the committed tokens its own state of the position before. Rows of keys and values
// that come of its own states last no longer than the round.
import type { SideRows, SideWidths } from '#libs/engine/index.js';
import { AppError } from '#libs/errors/index.js';
import type { FeatureRows } from '#libs/speculative/index.js';

/** Of a float16: all ones say that it is no finite number. */
const EXPONENT = 0x7c00;

export class RoundFeatures {
  readonly #state: Float32Array;

  /**
   * @param committedLength Tokens of the sequence.
   * @param sent Checked by checkFeatures.
   */
  constructor(
    private readonly committedLength: number,
    private readonly sent: FeatureRows | undefined,
    private readonly widths: SideWidths,
  ) {
    this.#state = new Float32Array(widths.states);
  }

  /** For a forward over tokens from this position on, which are committed, or over the one that was drafted last. */
  readBy(start: number, count: number): SideRows {
    const writes = { states: this.#state };
    return start < this.committedLength
      ? { reads: { features: this.#before(start, count) }, writes }
      : { reads: { own: this.#state }, writes };
  }

  /** The target's rows of the positions before these; zeros where there are none. */
  #before(start: number, count: number): Uint16Array {
    const { readFeatures: width } = this.widths;
    const rows = new Uint16Array(count * width);
    if (this.sent === undefined) return rows;
    const shift = (this.sent.start + 1 - start) * width;
    const values = shift < 0 ? this.sent.values.subarray(-shift) : this.sent.values;
    const at = Math.max(shift, 0);
    if (at < rows.length) rows.set(values.subarray(0, rows.length - at), at);
    return rows;
  }
}

/**
 * @param width Numbers of a row that this draft reads; 0: it reads none.
 * @param committedLength Tokens of the sequence.
 * @throws AppError failed_precondition if this draft reads none or others; invalid_argument if no target can have given them.
 */
export function checkFeatures(sent: FeatureRows | undefined, width: number, committedLength: number): void {
  if (sent === undefined) return;
  const { start, values } = sent;
  if (width === 0 || values.length % width !== 0)
    throw new AppError(
      'failed_precondition',
      `features have ${values.length} numbers, but this draft reads ${width} of each position; ask it with GetModelInfo.`,
    );
  const end = start + values.length / width;
  if (end >= committedLength)
    throw invalid(
      `reach position ${end - 1} of ${committedLength} tokens, whose last one nobody has read yet.`,
    );
  const at = values.findIndex((bits) => (bits & EXPONENT) === EXPONENT);
  if (at >= 0) throw invalid(`of position ${start + Math.floor(at / width)} are no finite numbers.`);
}

function invalid(problem: string): AppError {
  return new AppError('invalid_argument', `features ${problem}`, { field: 'features' });
}
