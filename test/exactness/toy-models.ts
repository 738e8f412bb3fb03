// Toy models of a known law: the next token's logits depend on the last two tokens only.
import { type History, keyedRandom, Purpose } from '#libs/sampling/index.js';

/** Logits of the next token, one row a pair of last tokens. [vocabSize²][vocabSize] */
export interface ToyModel {
  readonly vocabSize: number;
  readonly rows: readonly Float32Array[];
}

export type Logit = (row: number, token: number, random: () => number) => number;

export function toyModel(vocabSize: number, seed: number, logit: Logit): ToyModel {
  const draw = keyedRandom(BigInt(seed), 0);
  let position = 0;
  const random = () => draw(position++, Purpose.DRAFT);
  const rows = Array.from({ length: vocabSize ** 2 }, (_, row) =>
    Float32Array.from({ length: vocabSize }, (__, token) => logit(row, token, random)),
  );
  return { vocabSize, rows };
}

export function rowIndex(model: ToyModel, tokens: readonly number[]): number {
  return tokens.at(-2)! * model.vocabSize + tokens.at(-1)!;
}

export function rowIndexAfter(model: ToyModel, history: History): number {
  const last = history.length - 1;
  return history.tokenAt(last - 1)! * model.vocabSize + history.tokenAt(last)!;
}
