// The rules once more, on dense rows of plain numbers and with every step replaceable, so that a control can spoil one.
// They share no code with the product's rules.
import {
  type Distribution,
  Purpose,
  sampleFrom,
  type VerificationInput,
  type VerificationRule,
} from '#libs/sampling/index.js';

export type Row = readonly number[];

interface Board {
  readonly drafted: Uint32Array;
  readonly p: (i: number) => Row;
  readonly q: (i: number) => Row;
  /** The coin of drafted token i. */
  readonly coin: (i: number) => number;
  /** The final token after i accepted ones. */
  readonly final: (i: number, row: Row) => { readonly acceptedCount: number; readonly finalToken: number };
}

export const rest = (p: Row, q: Row, share = 1): Row => p.map((each, x) => Math.max(0, share * each - q[x]!));
export const sum = (row: Row): number => row.reduce((total, each) => total + each, 0);
export const normalised = (row: Row): Row => row.map((each) => each / sum(row));

/** Draws the final token of a position. */
type Draw = (row: Row, position: number) => number;

function board({ row, proposal, firstPosition, random }: VerificationInput, draw?: Draw): Board {
  const p = (i: number) => denseRow(row(i));
  const drawn: Draw = (weights, position) => sampleFrom(lawOf(weights), random(position, Purpose.RESAMPLE));
  return {
    drafted: proposal.tokens,
    p,
    q: (i) => {
      const q = p(i).map(() => 0);
      if (proposal.mode === 'deterministic') q[proposal.tokens[i]!] = 1;
      for (let k = proposal.qOffsets[i]!; k < proposal.qOffsets[i + 1]!; k++)
        q[proposal.qIds[k]!] = proposal.qProbabilities[k]!;
      return normalised(q);
    },
    coin: (i) => random(firstPosition + i, Purpose.ACCEPT),
    final: (i, weights) => ({ acceptedCount: i, finalToken: (draw ?? drawn)(weights, firstPosition + i) }),
  };
}

export function lawOf(row: Row): Distribution {
  return { ids: undefined, weights: Float64Array.from(row), mass: sum(row) };
}

const VOCAB_SIZE = 4;

function denseRow({ ids, weights, mass }: Distribution): Row {
  const row = new Array<number>(VOCAB_SIZE).fill(0);
  weights.forEach((weight, i) => {
    row[ids?.[i] ?? i] = weight / mass;
  });
  return row;
}

/** Token by token. */
export function ratioRule({
  judged = (p: Row) => p,
  residual = rest as (p: Row, q: Row) => Row,
  numTrusted = 0,
  draw = undefined as Draw | undefined,
} = {}): VerificationRule {
  return (input) => {
    const { drafted, p, q, coin, final } = board(input, draw);
    for (let i = 0; i < drafted.length; i++) {
      const x = drafted[i]!;
      if (i < numTrusted || coin(i) < judged(p(i))[x]! / q(i)[x]!) continue;
      const left = residual(p(i), q(i));
      return final(i, sum(left) > 0 ? left : p(i));
    }
    return final(drafted.length, p(drafted.length));
  };
}

/** The draft as a whole. */
export function blockRule({
  grow = (share: number, ratio: number) => Math.min(1, share * ratio),
  threshold = (S: number, share: number) => (share === 1 ? 1 : S / (S + 1 - share)),
  rowOfS = (i: number) => i,
  residual = rest,
  coinOf = (i: number) => i - 1,
  stopsAtFirstFailure = false,
  numTrusted = 0,
} = {}): VerificationRule {
  return (input) => {
    const { drafted, p, q, coin, final } = board(input);
    const shares = [1];
    drafted.forEach((x, i) => {
      shares.push(shares[i]! > 0 ? grow(shares[i]!, p(i)[x]! / q(i)[x]!) : 0);
    });
    let kept = 0;
    for (let i = 1; i <= drafted.length; i++) {
      const share = shares[i]!;
      const S = i < drafted.length ? sum(rest(p(rowOfS(i)), q(rowOfS(i)), share)) : 0;
      const h = i < drafted.length ? threshold(S, share) : share;
      if (i <= numTrusted || coin(coinOf(i)) < h) kept = i;
      else if (stopsAtFirstFailure) break;
    }
    if (kept === drafted.length) return final(kept, p(kept));
    const left = residual(p(kept), q(kept), shares[kept]!);
    return final(kept, sum(left) > 0 ? left : p(kept));
  };
}
