// A hub on 127.0.0.1 that behaves as the real one (redirect to storage, declared SHA-256, ranges) and misbehaves on demand.
import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface HostedFile {
  body: Buffer;
  /** Validator of the storage; a new one makes a held beginning worthless. */
  etag: string;
  /** Large files are declared with their SHA-256 and redirect to storage. */
  large: boolean;
  /** SHA-256 that is declared instead of the true one. */
  declaredSha256?: string;
  /** Breaks the connection after so many bytes, once. */
  cutAfter?: number | undefined;
  status?: number;
  /** Accepts the request and never answers. */
  silent?: boolean;
  /** Sends a beginning and then nothing more. */
  stallAfter?: number;
  ignoresRange?: boolean;
}

export const sha256 = (data: Buffer | string): string => createHash('sha256').update(data).digest('hex');

export class MockHub {
  readonly files = new Map<string, HostedFile>();
  /** `path range` of every request for a file's bytes, in order. */
  readonly requests: string[] = [];
  commit = 'c'.repeat(40);
  readonly #server: Server = createServer((request, response) => this.#answer(request, response));

  static async start(): Promise<MockHub> {
    const hub = new MockHub();
    await new Promise<void>((resolve) => hub.#server.listen(0, '127.0.0.1', resolve));
    return hub;
  }

  get endpoint(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  host(path: string, body: Buffer | string, options: Partial<HostedFile> = {}): HostedFile {
    const file = {
      body: Buffer.from(body),
      etag: `"${sha256(body).slice(0, 16)}"`,
      large: false,
      ...options,
    };
    this.files.set(path, file);
    return file;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const url = new URL(request.url ?? '/', this.endpoint);
    const path = url.pathname.replace(/^\/(storage\/|[^/]+\/[^/]+\/resolve\/[^/]+\/)/, '');
    const file = this.files.get(path);
    if (file?.silent) return;
    if (file === undefined || file.status !== undefined) {
      response.writeHead(file?.status ?? 404).end('no such file');
      return;
    }
    if (file.large && !url.pathname.startsWith('/storage/')) {
      response.writeHead(302, {
        location: `/storage/${path}`,
        'x-linked-etag': `"${file.declaredSha256 ?? sha256(file.body)}"`,
        'x-linked-size': String(file.body.length),
        'x-repo-commit': this.commit,
      });
      response.end();
      return;
    }
    this.requests.push(`${path} ${request.headers.range ?? 'whole'}`);
    this.#send(file, request, response);
  }

  #send(file: HostedFile, request: IncomingMessage, response: ServerResponse): void {
    const asked = /^bytes=(\d+)-$/.exec(request.headers.range ?? '');
    const resumes = asked !== null && request.headers['if-range'] === file.etag && !file.ignoresRange;
    const start = resumes ? Number(asked[1]) : 0;
    const { length } = file.body;
    const range = resumes && { 'content-range': `bytes ${start}-${length - 1}/${length}` };
    response.writeHead(resumes ? 206 : 200, {
      etag: file.etag,
      'content-length': length - start,
      'x-repo-commit': this.commit,
      ...range,
    });
    const end = file.cutAfter ?? file.stallAfter;
    if (end === undefined) {
      response.end(file.body.subarray(start));
      return;
    }
    const cuts = file.cutAfter !== undefined;
    file.cutAfter = undefined;
    // The pause lets the bytes reach the reader before the reset does.
    response.write(file.body.subarray(start, end), () => cuts && setTimeout(() => response.destroy(), 20));
  }
}
