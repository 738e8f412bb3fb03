// Downloads one file: resumes what an earlier attempt left, checks size and SHA-256, appears under its name only whole.
// Resuming follows RFC 9110 §13.1.5 and §14: Range with If-Range, so that a file that has changed starts again.
import { AppError } from '#libs/errors/index.js';
import { throwIfCancelled } from './cancelled.js';
import { type HttpAnswer, type HttpTimeouts, httpGet } from './http-get.js';
import { PartialFile, type PartialNote } from './partial-file.js';
import type { ProgressListener } from './progress.js';

export interface DownloadRequest {
  readonly url: string;
  /** Where the whole file shall appear. */
  readonly target: string;
  /** Name in progress events. */
  readonly label: string;
  /** Pinned size and checksum; without them what the server declares is checked. */
  readonly bytes?: number | undefined;
  readonly sha256?: string | undefined;
  readonly timeouts: HttpTimeouts;
  readonly onProgress?: ProgressListener | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface Downloaded {
  readonly bytes: number;
  readonly sha256: string;
  /** Commit that the hub served the file from. */
  readonly commit: string | null;
}

/** Times that a connection may break after giving at least one byte. */
const MAX_ATTEMPTS = 5;

/** Bound for a file whose size neither the catalog nor the server tells. */
const MAX_UNDECLARED_BYTES = 64 * 2 ** 20;

/** Throws `unavailable` (network, wrong size or checksum), `failed_precondition` (disk) or `cancelled`. */
export async function download(request: DownloadRequest): Promise<Downloaded> {
  const partial = await PartialFile.open(request.target, request.signal);
  try {
    for (let attempt = 1; !partial.whole; attempt++) {
      const held = partial.length;
      const answer = await startOrResume(request, partial);
      const cut = await receive(request, partial, answer);
      if (cut === undefined) break;
      if (attempt === MAX_ATTEMPTS || partial.length <= held) throw cut;
    }
    return await finish(request, partial);
  } finally {
    await partial.close();
  }
}

async function startOrResume(request: DownloadRequest, partial: PartialFile): Promise<HttpAnswer> {
  const { url, timeouts, signal } = request;
  const etag = partial.note?.etag;
  if (partial.length > 0 && etag) {
    const range = { range: `bytes=${partial.length}-`, 'if-range': etag };
    const answer = await httpGet(url, range, timeouts, signal);
    if (answer.status === 206 && continues(answer, partial)) return answer;
    if (answer.status === 200) return startAgain(answer, partial);
    await answer.discard();
  }
  const answer = await httpGet(url, {}, timeouts, signal);
  if (answer.status === 200) return startAgain(answer, partial);
  await answer.discard();
  throw new AppError('unavailable', `HTTP status ${answer.status} to a plain request for ${url}`);
}

async function startAgain(answer: HttpAnswer, partial: PartialFile): Promise<HttpAnswer> {
  await partial.restart(describe(answer));
  return answer;
}

/** Whether the answer's first byte is the one after those held, of the same version of the file. */
function continues(answer: HttpAnswer, partial: PartialFile): boolean {
  const note = partial.note as PartialNote;
  const range = /^bytes (\d+)-\d+\/(\d+|\*)$/.exec(answer.headers.get('content-range') ?? '');
  if (range === null || Number(range[1]) !== partial.length) return false;
  if (note.bytes !== null && range[2] !== '*' && Number(range[2]) !== note.bytes) return false;
  const { sha256 } = answer.declared;
  return answer.headers.get('etag') === note.etag && (sha256 === null || sha256 === note.sha256);
}

function describe(answer: HttpAnswer): PartialNote {
  const etag = answer.headers.get('etag');
  const length = answer.headers.get('content-length') ?? '';
  const { sha256, bytes, commit } = answer.declared;
  return {
    etag: etag?.startsWith('"') ? etag : null, // RFC 9110: If-Range needs a strong validator
    sha256,
    bytes: bytes ?? (/^\d{1,15}$/.test(length) ? Number(length) : null),
    commit,
  };
}

/** Returns the error of a connection that broke, which a further attempt may repair. */
async function receive(
  request: DownloadRequest,
  partial: PartialFile,
  answer: HttpAnswer,
): Promise<AppError | undefined> {
  const total = request.bytes ?? partial.note?.bytes ?? null;
  const limit = total ?? MAX_UNDECLARED_BYTES;
  try {
    for await (const chunk of answer.body) {
      if (partial.length + chunk.length > limit) {
        await partial.discard();
        throw new AppError('unavailable', `${request.label}: the server sends more than ${limit} bytes`);
      }
      await partial.append(chunk);
      request.onProgress?.({ phase: 'download', file: request.label, done: partial.length, total });
    }
  } catch (error) {
    throwIfCancelled(request.signal);
    if (error instanceof AppError) throw error;
    const held = total === null ? `${partial.length} bytes` : `${partial.length} of ${total} bytes`;
    const reason = error instanceof Error ? error.message : String(error);
    return new AppError('unavailable', `${request.label}: after ${held}: ${reason}`, { cause: error });
  }
  return undefined;
}

async function finish(request: DownloadRequest, partial: PartialFile): Promise<Downloaded> {
  const bytes = partial.length;
  const sha256 = partial.sha256();
  const note = partial.note as PartialNote;
  const expectedBytes = request.bytes ?? note.bytes;
  const expectedSha256 = request.sha256 ?? note.sha256;
  const fault =
    expectedBytes !== null && bytes !== expectedBytes
      ? `it has ${bytes} bytes instead of ${expectedBytes}`
      : expectedSha256 !== null && sha256 !== expectedSha256
        ? `its SHA-256 is ${sha256} instead of ${expectedSha256}`
        : undefined;
  if (fault !== undefined) {
    await partial.discard();
    throw new AppError('unavailable', `${request.label} arrived wrong and was thrown away: ${fault}`);
  }
  await partial.finish();
  return { bytes, sha256, commit: note.commit };
}
