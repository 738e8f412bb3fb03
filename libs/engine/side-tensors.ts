// The tensors of a session's side rows (side-rows.ts): what all portions of a forward give, joined, and what it writes, to be
// dealt out.
import { type InferenceSession, Tensor } from 'onnxruntime-node';
import { RowBuffer, type RowValues } from './row-buffer.js';
import type { SideRows, SideWidths } from './side-rows.js';

/** One sequence's part of a forward. */
export interface SidePortion extends SideRows {
  readonly tokens: ArrayLike<number>;
  /** Rows of logits that are wanted of it. */
  readonly rows: number;
}

type Tensors = Record<string, Tensor>;

const halves = () => new RowBuffer<Uint16Array>((length) => new Uint16Array(length));
const floats = () => new RowBuffer<Float32Array>((length) => new Float32Array(length));

export class SideTensors {
  private readonly read = { features: halves(), own: floats() };
  private readonly written = { features: halves(), states: floats() };
  private features: Uint16Array = new Uint16Array(0);
  private states: Float32Array = new Float32Array(0);

  constructor(private readonly widths: SideWidths) {}

  /** @param numTokens Those of all portions, and dummies behind them. */
  feeds(portions: readonly SidePortion[], numTokens: number): Tensors {
    const { readFeatures, states } = this.widths;
    if (readFeatures === 0) return {};
    const counts = portions.map(({ tokens }) => tokens.length);
    const { features, own } = this.read;
    // The graph knows no rows from rows of zeros, and is quicker without.
    const numKnown = portions.some(({ reads }) => reads?.features) ? numTokens : 0;
    const halves = features.join(
      portions.map(({ reads }) => reads?.features),
      counts,
      readFeatures,
      numKnown * readFeatures,
    );
    const floats = own.join(
      portions.map(({ reads }) => reads?.own),
      counts,
      states,
      numTokens * states,
    );
    return {
      features: new Tensor('float16', halves, [1, numKnown, readFeatures]),
      own: new Tensor('float32', floats, [1, numTokens, states]),
    };
  }

  /** Nothing for what nobody wants. @param numRows Of the logits of all portions, and of dummies. */
  fetches(portions: readonly SidePortion[], numTokens: number, numRows: number): Tensors {
    const { features: width, states: stateWidth } = this.widths;
    const fetches: Tensors = {};
    if (portions.some(({ writes }) => writes?.features)) {
      this.features = this.written.features.take(numTokens * width);
      fetches.features = new Tensor('float16', this.features, [1, numTokens, width]);
    }
    if (portions.some(({ writes }) => writes?.states)) {
      this.states = this.written.states.take(numRows * stateWidth);
      fetches.state = new Tensor('float32', this.states, [1, numRows, stateWidth]);
    }
    return fetches;
  }

  /** Gives each portion what the forward has written for it. @param firstRow Of the logits: the first that is wanted. */
  deal(portions: readonly SidePortion[], firstRow = 0): void {
    const { features: width, states: stateWidth } = this.widths;
    let [tokensEnd, row] = [0, firstRow];
    for (const { tokens, rows, writes } of portions) {
      tokensEnd += tokens.length;
      if (writes?.features) copyBefore(tokensEnd * width, this.features, writes.features);
      row += rows;
      if (writes?.states) copyBefore(row * stateWidth, this.states, writes.states);
    }
  }
}

/** Throws unless the graph has the rows that its manifest promises. */
export function checkNames(
  { inputNames, outputNames }: Pick<InferenceSession, 'inputNames' | 'outputNames'>,
  { features, readFeatures }: SideWidths,
): void {
  const demand = (names: readonly string[], kind: string, name: string, width: number) => {
    if (width > 0 && !names.includes(name))
      throw new Error(`the graph has no ${kind} "${name}", which its manifest promises`);
  };
  demand(outputNames, 'output', 'features', features);
  demand(inputNames, 'input', 'features', readFeatures);
}

function copyBefore(end: number, from: RowValues, to: RowValues): void {
  to.set(from.subarray(end - to.length, end));
}
