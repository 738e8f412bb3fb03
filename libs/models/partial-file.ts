// A download in progress: `<file>.partial` with the bytes and `<file>.partial.json` with what they are the beginning of.
// It becomes `<file>` by one rename, after an fsync, so that a reader sees the whole file or none.
import { createHash, type Hash } from 'node:crypto';
import { type FileHandle, mkdir, open, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { z } from 'zod';
import { throwIfCancelled } from './cancelled.js';
import { diskError } from './disk-error.js';
import { hashInto } from './file-hash.js';
import { syncFolder } from './sync-folder.js';

const noteSchema = z.object({
  /** Strong validator of the bytes; null: they cannot be resumed. */
  etag: z.string().nullable(),
  /** SHA-256 that the server declares, if it does. */
  sha256: z.string().nullable(),
  bytes: z.int().nonnegative().nullable(),
  commit: z.string().nullable(),
});

/** What the server said of the file whose beginning a partial file holds. */
export type PartialNote = Readonly<z.infer<typeof noteSchema>>;

export class PartialFile {
  #hash: Hash = createHash('sha256');
  #length = 0;
  #note: PartialNote | undefined;

  private constructor(
    readonly target: string,
    private readonly handle: FileHandle,
  ) {}

  /** Opens what an earlier attempt left (hashing it again) or an empty file. */
  static async open(target: string, signal?: AbortSignal): Promise<PartialFile> {
    try {
      await mkdir(dirname(target), { recursive: true });
      const note = await readNote(target);
      const partial = new PartialFile(target, await open(`${target}.partial`, note ? 'a+' : 'w+'));
      if (note !== undefined) await partial.#takeUp(note, signal);
      return partial;
    } catch (error) {
      throwIfCancelled(signal);
      throw diskError(error, `${target}.partial`);
    }
  }

  /** Bytes held so far. */
  get length(): number {
    return this.#length;
  }

  /** What the held bytes are the beginning of; undefined when there are none. */
  get note(): PartialNote | undefined {
    return this.#note;
  }

  /** Whether all announced bytes are here, as after a crash just before the rename. */
  get whole(): boolean {
    return this.#note !== undefined && this.#note.bytes === this.#length;
  }

  /** Forgets the held bytes; the next ones belong to the file that `note` describes. */
  async restart(note: PartialNote): Promise<void> {
    try {
      await this.handle.truncate(0);
      await writeFile(`${this.target}.partial.json`, JSON.stringify(note));
    } catch (error) {
      throw diskError(error, `${this.target}.partial`);
    }
    this.#hash = createHash('sha256');
    this.#length = 0;
    this.#note = note;
  }

  /** Throws `failed_precondition` in plain words when the disk refuses. */
  async append(chunk: Uint8Array): Promise<void> {
    try {
      await this.handle.appendFile(chunk);
    } catch (error) {
      throw diskError(error, `${this.target}.partial`);
    }
    this.#hash.update(chunk);
    this.#length += chunk.length;
  }

  /** SHA-256 of the held bytes, lower-case hexadecimal. */
  sha256(): string {
    return this.#hash.copy().digest('hex');
  }

  /** Makes the held bytes the file itself, durably. */
  async finish(): Promise<void> {
    try {
      await this.handle.sync();
      await rename(`${this.target}.partial`, this.target);
      await rm(`${this.target}.partial.json`, { force: true });
      await syncFolder(dirname(this.target));
    } catch (error) {
      throw diskError(error, this.target);
    }
  }

  async discard(): Promise<void> {
    await rm(`${this.target}.partial.json`, { force: true });
    await rm(`${this.target}.partial`, { force: true });
  }

  /** Keeps what was received for a later attempt; an empty beginning is not worth keeping. */
  async close(): Promise<void> {
    await this.handle.close();
    if (this.#length === 0) await this.discard();
  }

  async #takeUp(note: PartialNote, signal?: AbortSignal): Promise<void> {
    await hashInto(this.#hash, `${this.target}.partial`, signal);
    this.#length = (await this.handle.stat()).size;
    this.#note = note;
  }
}

/** undefined also for a damaged note: the download then simply starts again. */
async function readNote(target: string): Promise<PartialNote | undefined> {
  try {
    return noteSchema.parse(JSON.parse(await readFile(`${target}.partial.json`, 'utf8')));
  } catch {
    return undefined;
  }
}
