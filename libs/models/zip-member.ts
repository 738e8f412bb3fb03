// Takes exactly one member out of a zip archive, by its name, size and checksum, which all are known beforehand.
// The output's name never comes from the archive; yauzl refuses archives with absolute or climbing names anyway.
import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { type Entry, open, type ZipFile } from 'yauzl';
import { AppError } from '#libs/errors/index.js';
import { throwIfCancelled } from './cancelled.js';
import { diskError } from './disk-error.js';
import type { ProgressListener } from './progress.js';
import { syncFolder } from './sync-folder.js';

export interface MemberRequest {
  readonly archive: string;
  readonly member: { readonly path: string; readonly bytes: number; readonly sha256: string };
  /** Where the member's bytes shall appear, whole or not at all. */
  readonly target: string;
  readonly onProgress?: ProgressListener | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Throws `unavailable` when the archive is not what the catalog says, `failed_precondition` for disk faults. */
export async function extractMember(request: MemberRequest): Promise<void> {
  const { archive, member, target, signal } = request;
  const temporary = `${target}.${process.pid}.tmp`;
  const zip = await openZip(archive);
  try {
    const entry = await findMember(zip, member.path);
    if (entry.uncompressedSize !== member.bytes)
      throw wrong(request, `it unpacks to ${entry.uncompressedSize} bytes instead of ${member.bytes}`);
    const sha256 = await writeChecked(request, await openEntry(zip, entry), temporary);
    if (sha256 !== member.sha256)
      throw wrong(request, `its SHA-256 is ${sha256} instead of ${member.sha256}`);
    await rename(temporary, target);
    await syncFolder(dirname(target));
  } catch (error) {
    throwIfCancelled(signal);
    throw (error as NodeJS.ErrnoException).syscall === undefined
      ? asUnavailable(error)
      : diskError(error, target);
  } finally {
    zip.close();
    await rm(temporary, { force: true });
  }
}

async function writeChecked(request: MemberRequest, from: Readable, file: string): Promise<string> {
  const { member, onProgress, signal } = request;
  const hash = createHash('sha256');
  let done = 0;
  async function* checked(source: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    for await (const chunk of source) {
      done += chunk.length;
      if (done > member.bytes) throw wrong(request, `it unpacks to more than ${member.bytes} bytes`);
      hash.update(chunk);
      onProgress?.({ phase: 'verify', file: member.path, done, total: member.bytes });
      yield chunk;
    }
  }
  await pipeline(from, checked, createWriteStream(file, { flush: true }), { ...(signal && { signal }) });
  return hash.digest('hex');
}

function openZip(archive: string): Promise<ZipFile> {
  return new Promise((resolve, reject) => {
    open(archive, { lazyEntries: true, autoClose: false }, (error, zip) =>
      error ? reject(asUnavailable(error)) : resolve(zip),
    );
  });
}

/** Reads the whole directory, so that one bad name anywhere refuses the archive. */
function findMember(zip: ZipFile, path: string): Promise<Entry> {
  return new Promise((resolve, reject) => {
    let found: Entry | undefined;
    zip.on('error', reject);
    zip.on('entry', (entry: Entry) => {
      if (entry.fileName === path) found = entry;
      zip.readEntry();
    });
    zip.on('end', () =>
      found ? resolve(found) : reject(new AppError('unavailable', `the archive has no member ${path}`)),
    );
    zip.readEntry();
  });
}

function openEntry(zip: ZipFile, entry: Entry): Promise<Readable> {
  return new Promise((resolve, reject) => {
    zip.openReadStream(entry, (error, stream) => (error ? reject(error) : resolve(stream)));
  });
}

function wrong({ member }: MemberRequest, fault: string): AppError {
  return new AppError('unavailable', `the archive's member ${member.path} is wrong: ${fault}`);
}

function asUnavailable(error: unknown): AppError {
  if (error instanceof AppError) return error;
  const reason = error instanceof Error ? error.message : String(error);
  return new AppError('unavailable', `the archive cannot be unpacked: ${reason}`, { cause: error });
}
