// An answer in the order in which it comes, whether or not its chat has tools.
import type { GenerationChunk } from '../generation/generation.js';
import type { AnswerPiece } from '../tools/answer-piece.js';

export function piecesOf({ text }: GenerationChunk): readonly AnswerPiece[] {
  return text === '' ? [] : [{ kind: 'text', text }];
}
