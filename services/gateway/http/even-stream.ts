// A stream that looks the same whatever it says: so many bytes at every tick, filled up with comments, so that neither sizes
// nor times of packets tell how many tokens a round brought. Such counts give away what is said: "Remote timing attacks on
// efficient language model inference", arXiv 2410.17175, and arXiv 2411.01076.
import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';

declare module 'fastify' {
  interface FastifyInstance {
    /** Undefined: streams are sent as they come. */
    evenStream: EvenStreamSettings | undefined;
  }
}

export interface EvenStreamSettings {
  readonly tickMs: number;
  /** Of each tick's write. */
  readonly tickBytes: number;
}

/** What may wait for its tick, in ticks, before the generation is held back. */
const MAX_WAITING_TICKS = 8;
const [COMMENT, END] = [': ', '\n\n'];

/**
 * @param frames Whole events, to be read from the first tick on. Errors: those of `frames`, once all before it was sent.
 * Yields pieces of the stream, all of the same length, at most one a tick; the last one ends behind the last event.
 */
export async function* evenly(
  frames: AsyncIterable<string>,
  { tickMs, tickBytes }: EvenStreamSettings,
): AsyncGenerator<Buffer> {
  const source = new WaitingBytes(frames, MAX_WAITING_TICKS * tickBytes);
  let dueMs = performance.now();
  try {
    for (;;) {
      dueMs = Math.max(dueMs + tickMs, performance.now());
      await sleep(dueMs - performance.now());
      const piece = source.take(tickBytes);
      if (piece.length === 0 && source.isOver) break;
      yield filledUp(piece, tickBytes);
    }
    source.check();
  } finally {
    source.stop();
  }
}

/** Reads ahead as far as there is room. */
class WaitingBytes {
  #bytes: Buffer = Buffer.alloc(0);
  #failure: { readonly reason: unknown } | undefined;
  #isRead = false;
  #isStopped = false;
  #makeRoom: (() => void) | undefined;

  constructor(
    private readonly frames: AsyncIterable<string>,
    private readonly most: number,
  ) {
    void this.#read();
  }

  get isOver(): boolean {
    return this.#isRead && this.#bytes.length === 0;
  }

  take(most: number): Buffer {
    const piece = this.#bytes.subarray(0, most);
    this.#bytes = this.#bytes.subarray(most);
    if (this.#bytes.length < this.most) this.#makeRoom?.();
    return piece;
  }

  /** Throws what the frames ended with. */
  check(): void {
    if (this.#failure !== undefined) throw this.#failure.reason;
  }

  stop(): void {
    this.#isStopped = true;
    this.#makeRoom?.();
  }

  async #read(): Promise<void> {
    try {
      for await (const frame of this.frames) {
        this.#bytes = Buffer.concat([this.#bytes, Buffer.from(frame)]);
        if (this.#bytes.length >= this.most && !this.#isStopped)
          await new Promise<void>((resolve) => {
            this.#makeRoom = resolve;
          });
        if (this.#isStopped) return;
      }
    } catch (reason) {
      this.#failure = { reason };
    } finally {
      this.#isRead = true;
    }
  }
}

/** Random, so that a proxy that compresses does not undo it. Only behind an event's end, where a comment may stand. */
function filledUp(piece: Buffer, length: number): Buffer {
  const missing = length - piece.length;
  if (missing === 0) return piece;
  // Too little room for a comment: empty lines say nothing either.
  if (missing < COMMENT.length + END.length) return Buffer.concat([piece, Buffer.alloc(missing, '\n')]);
  const numCharacters = missing - COMMENT.length - END.length;
  const noise = randomBytes(Math.ceil((3 * numCharacters) / 4))
    .toString('base64')
    .slice(0, numCharacters);
  return Buffer.concat([piece, Buffer.from(COMMENT + noise + END)]);
}
