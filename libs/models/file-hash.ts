// SHA-256 of a file, streamed: model files are larger than what should sit in memory.
import { createHash, type Hash } from 'node:crypto';
import { createReadStream } from 'node:fs';

/** Feeds the file's bytes to `hash`. `onBytes` hears how many bytes went in so far. */
export async function hashInto(
  hash: Hash,
  file: string,
  signal?: AbortSignal,
  onBytes?: (done: number) => void,
): Promise<void> {
  let done = 0;
  for await (const chunk of createReadStream(file, { highWaterMark: 1 << 20, ...(signal && { signal }) })) {
    hash.update(chunk as Buffer);
    done += (chunk as Buffer).length;
    onBytes?.(done);
  }
}

/** Lower-case hexadecimal SHA-256 of a file. */
export async function sha256OfFile(
  file: string,
  signal?: AbortSignal,
  onBytes?: (done: number) => void,
): Promise<string> {
  const hash = createHash('sha256');
  await hashInto(hash, file, signal, onBytes);
  return hash.digest('hex');
}
