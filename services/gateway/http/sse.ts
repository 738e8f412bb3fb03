// Server-sent events over a raw response: headers at once, back-pressure, keep-alive comments.
// Format: html.spec.whatwg.org/multipage/server-sent-events.html
import type { OutgoingHttpHeaders, ServerResponse } from 'node:http';
import { AppError } from '#libs/errors/index.js';

export const DONE_FRAME = 'data: [DONE]\n\n';
const LAST_CHUNK = '0\r\n\r\n';

export function sseFrame(data: object): string {
  return `data: ${JSON.stringify(data)}\n\n`;
}

/** For streams whose clients tell events by name. */
export function sseEvent(name: string, data: object): string {
  return `event: ${name}\n${sseFrame(data)}`;
}

export interface SseOptions {
  /** A comment is sent after so long a silence, so that proxies keep the connection. */
  readonly keepAliveMs: number;
  /** A reader that takes nothing for so long loses the stream: it would hold a slot for ever. */
  readonly slowReaderMs: number;
  /** What is sent after a silence instead of a comment. */
  readonly keepAliveFrame?: string;
}

export class SseStream {
  readonly #response: ServerResponse;
  readonly #options: SseOptions;
  #keepAlive: NodeJS.Timeout | undefined;
  /** Whether we write the chunks of HTTP/1.1 ourselves. */
  #isChunked = false;

  constructor(response: ServerResponse, options: SseOptions) {
    this.#response = response;
    this.#options = options;
  }

  open(headers: OutgoingHttpHeaders): void {
    this.#response.writeHead(200, {
      ...headers,
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-cache, no-transform',
      // Nginx would collect the stream otherwise.
      'x-accel-buffering': 'no',
    });
    this.#response.flushHeaders();
    // Node would hand the system each chunk in four pieces.
    this.#isChunked = this.#response.chunkedEncoding;
    this.#response.chunkedEncoding = false;
    this.#keepAlive = setInterval(() => this.#fillSilence(), this.#options.keepAliveMs);
  }

  /** Resolves when more may be written. Throws `cancelled` when the client is gone or reads nothing. */
  async send(frames: string | Buffer): Promise<void> {
    if (this.#response.destroyed) throw clientGone();
    this.#keepAlive?.refresh();
    if (!this.#write(frames)) await this.#drained();
  }

  end(frames: string): void {
    clearInterval(this.#keepAlive);
    if (this.#response.destroyed) return;
    this.#write(frames);
    this.#response.end(this.#isChunked ? LAST_CHUNK : undefined);
  }

  #write(frames: string | Buffer): boolean {
    // An empty chunk would be the last one.
    if (frames.length === 0) return true;
    return this.#response.write(this.#isChunked ? chunkOf(frames) : frames);
  }

  #fillSilence(): void {
    // Behind a full buffer the reader has enough to read.
    if (!this.#response.destroyed && !this.#response.writableNeedDrain)
      this.#write(this.#options.keepAliveFrame ?? ': keep-alive\n\n');
  }

  #drained(): Promise<void> {
    const response = this.#response;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => response.destroy(), this.#options.slowReaderMs);
      const settle = () => {
        clearTimeout(timer);
        response.off('drain', settle).off('close', settle);
        if (response.destroyed) reject(clientGone());
        else resolve();
      };
      response.on('drain', settle).on('close', settle);
    });
  }
}

/** RFC 9112, 7.1. */
function chunkOf(data: string | Buffer): string | Buffer {
  const size = Buffer.byteLength(data).toString(16);
  if (typeof data === 'string') return `${size}\r\n${data}\r\n`;
  return Buffer.concat([Buffer.from(`${size}\r\n`), data, Buffer.from('\r\n')]);
}

function clientGone(): AppError {
  return new AppError('cancelled', 'The client closed the connection.');
}
