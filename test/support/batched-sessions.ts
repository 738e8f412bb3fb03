// Sessions that share forwards, for tests of the promise that nobody's logits show it: each reads a prompt, then goes on in
// rounds of all sizes, and strays from its tokens and back, while the others do the same.
import assert from 'node:assert/strict';
import type { Batcher, Model } from '#libs/engine/index.js';

const ROUNDS = [1, 5, 1, 2, 9, 1, 3];
const STRAYED = [0, 3, 0, 1];

export interface BatchedSession {
  readonly tokens: readonly number[];
  readonly promptLength: number;
}

/** Feeds all sessions at once and compares every row of logits, bit by bit, with those of the session alone. */
export async function assertSameTogether(
  model: Model,
  batcher: Batcher,
  sessions: readonly BatchedSession[],
): Promise<void> {
  const alone: Float32Array[] = [];
  for (const { tokens } of sessions)
    alone.push(Float32Array.from(await model.advance(model.newCache(), tokens, tokens.length)));
  await Promise.all(sessions.map((session, i) => follow(model, batcher, session, alone[i]!, i)));
}

async function follow(
  model: Model,
  batcher: Batcher,
  { tokens, promptLength }: BatchedSession,
  expected: Float32Array,
  seed: number,
): Promise<void> {
  const { headSize } = model;
  const cache = model.newCache();
  const { signal } = new AbortController();
  for (let round = seed; cache.length < tokens.length; round++) {
    const start = cache.length;
    const numRight = start === 0 ? promptLength : ROUNDS[round % ROUNDS.length]!;
    const right = tokens.slice(start, start + numRight);
    const strayed = Array.from({ length: STRAYED[round % STRAYED.length]! }, (_, i) => 100 + i);
    const rows = Math.min(start === 0 ? 2 : numRight, right.length) + strayed.length;
    const work = { cache, tokens: [...right, ...strayed], rows };
    const end = start + right.length;
    await batcher.advance(
      work,
      (logits) => {
        const first = end + strayed.length - rows;
        const own = expected.subarray(first * headSize, end * headSize);
        assertSameBits(logits.subarray(0, own.length), own, `session ${seed}, tokens ${first} to ${end}`);
      },
      signal,
    );
    cache.truncate(end);
  }
}

export function assertSameBits(actual: Float32Array, expected: Float32Array, what: string): void {
  const bytes = ({ buffer, byteOffset, byteLength }: Float32Array) =>
    Buffer.from(buffer, byteOffset, byteLength);
  assert.ok(bytes(actual).equals(bytes(expected)), what);
}
