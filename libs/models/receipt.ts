// `source.json` in a source's folder: which files were downloaded whole, so that a second pull need not ask anyone.
import { open, readFile, rename, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { diskError } from './disk-error.js';
import { sha256OfFile } from './file-hash.js';
import { relativePathSchema } from './relative-path.js';

const RECEIPT_FILE = 'source.json';

const receiptSchema = z.object({
  /** What was asked for: repository and revision, or package and version. */
  origin: z.string(),
  /** Commit that all files come from, where the hub told it. */
  commit: z.string().nullable(),
  files: z.record(relativePathSchema, z.object({ bytes: z.int().nonnegative(), sha256: z.string() })),
});

export type Receipt = z.infer<typeof receiptSchema>;

/** The receipt in `folder` for `origin`; an empty one when there is none, it is damaged, or of another origin. */
export async function readReceipt(folder: string, origin: string): Promise<Receipt> {
  try {
    const receipt = receiptSchema.parse(JSON.parse(await readFile(join(folder, RECEIPT_FILE), 'utf8')));
    if (receipt.origin === origin) return receipt;
  } catch {
    // Nothing usable was left: the pull starts from nothing, which is always right.
  }
  return { origin, commit: null, files: {} };
}

export async function writeReceipt(folder: string, receipt: Receipt): Promise<void> {
  const file = join(folder, RECEIPT_FILE);
  const temporary = `${file}.${process.pid}.tmp`;
  try {
    const handle = await open(temporary, 'w');
    try {
      await handle.writeFile(`${JSON.stringify(receipt, null, 2)}\n`);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(temporary, file);
  } catch (error) {
    throw diskError(error, file);
  }
}

/** Whether `path` is there as the receipt says: by size, or by checksum too when `deep`. */
export async function isIntact(
  folder: string,
  receipt: Receipt,
  path: string,
  deep: boolean,
  signal?: AbortSignal,
): Promise<boolean> {
  const expected = receipt.files[path];
  if (expected === undefined) return false;
  const file = join(folder, path);
  const size = await stat(file).then(
    (stats) => (stats.isFile() ? stats.size : -1),
    () => -1,
  );
  if (size !== expected.bytes) return false;
  return !deep || (await sha256OfFile(file, signal)) === expected.sha256;
}
