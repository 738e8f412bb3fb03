// Calls in OpenAI's shapes: the deltas of a stream, and the list of a whole message.
import type { AnswerPiece } from '../tools/answer-piece.js';

export interface ChatDelta {
  readonly content?: string;
  readonly tool_calls?: readonly object[];
}

interface Answer {
  readonly text: string;
  readonly pieces?: readonly AnswerPiece[] | undefined;
}

/** Without tools, all of an answer is text. */
export function answerPieces({ text, pieces }: Answer): readonly AnswerPiece[] {
  return pieces ?? (text === '' ? [] : [{ kind: 'text', text }]);
}

/** One delta a piece: clients take a call's id and name from the first, and add up the arguments of the others. */
export function deltasOf(pieces: readonly AnswerPiece[]): ChatDelta[] {
  return pieces.map(deltaOf).filter((delta) => delta !== undefined);
}

function deltaOf(piece: AnswerPiece): ChatDelta | undefined {
  switch (piece.kind) {
    case 'text':
      return { content: piece.text };
    case 'call': {
      const { index, id, name } = piece;
      return { tool_calls: [{ index, id, type: 'function', function: { name, arguments: '' } }] };
    }
    case 'arguments':
      return { tool_calls: [{ index: piece.index, function: { arguments: piece.text } }] };
    case 'end':
      return undefined;
  }
}

/** The message of a whole answer. `content` is null where there are calls alone, `tool_calls` absent without calls. */
export function messageOf(pieces: readonly AnswerPiece[]): object {
  let content = '';
  const calls: { id: string; name: string; given: string }[] = [];
  for (const piece of pieces) {
    if (piece.kind === 'text') content += piece.text;
    else if (piece.kind === 'call') calls.push({ id: piece.id, name: piece.name, given: '' });
    else if (piece.kind === 'arguments') calls[piece.index]!.given += piece.text;
  }
  if (calls.length === 0) return { role: 'assistant', content, refusal: null };
  const tool_calls = calls.map(({ id, name, given }) => ({
    id,
    type: 'function',
    function: { name, arguments: given },
  }));
  return { role: 'assistant', content: content === '' ? null : content, refusal: null, tool_calls };
}
