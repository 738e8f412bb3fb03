// An answer in the order in which it comes, whether or not its chat has tools.
import type { GenerationChunk } from '../generation/generation.js';
import type { AnswerPiece } from '../tools/answer-piece.js';

export function piecesOf({ text, pieces }: GenerationChunk): readonly AnswerPiece[] {
  if (pieces !== undefined) return pieces;
  return text === '' ? [] : [{ kind: 'text', text }];
}
