// The stage behind a generation whose chat has tools: tells calls from text, and ends with `tool_calls` when there were any.
import type { GenerationChunk } from '../generation/generation.js';
import type { ToolCallParser } from './tool-call-parser.js';

export async function* toolCallStage(
  chunks: AsyncIterable<GenerationChunk>,
  parser: ToolCallParser,
): AsyncGenerator<GenerationChunk> {
  for await (const chunk of chunks) yield withPieces(chunk, parser);
}

function withPieces(chunk: GenerationChunk, parser: ToolCallParser): GenerationChunk {
  const { summary } = chunk;
  const pieces = parser.push(chunk.text);
  if (summary === undefined) return { ...chunk, pieces };
  const all = [...pieces, ...parser.flush()];
  // An answer that broke off in a call, at its length or a stop string, asks for nothing.
  const isCall = summary.finishReason === 'stop' && parser.hasCalls;
  return { ...chunk, pieces: all, summary: isCall ? { ...summary, finishReason: 'tool_calls' } : summary };
}
