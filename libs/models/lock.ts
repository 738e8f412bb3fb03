// One pull of a model at a time, across processes: a lock file with its holder's process id and a heartbeat.
// A dead holder on this host is noticed at once, one on another host (shared folder) when its heartbeat stops.
import { open, readFile, rm, stat, utimes } from 'node:fs/promises';
import { hostname } from 'node:os';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { throwIfCancelled } from './cancelled.js';
import { diskError } from './disk-error.js';
import { makeFolder } from './make-folder.js';

const holderSchema = z.object({ pid: z.int().positive(), host: z.string(), nonce: z.string() });

export interface LockOptions {
  /** Called once when another holder makes this one wait. */
  readonly onWait?: () => void;
  readonly pollMs?: number;
  /** A heartbeat older than this is a dead holder's. */
  readonly staleMs?: number;
  readonly signal?: AbortSignal | undefined;
}

/** Runs `task` while holding `file`; waits for another holder without limit but `signal`. */
export async function withLock<T>(file: string, options: LockOptions, task: () => Promise<T>): Promise<T> {
  const { pollMs = 200, staleMs = 120_000, signal } = options;
  await makeFolder(dirname(file));
  const nonce = `${process.pid}-${Date.now()}-${Math.random().toString(36).slice(2)}`;
  for (let waited = false; !(await tryLock(file, nonce)); waited = true) {
    throwIfCancelled(signal);
    if ((await isStale(file, staleMs)) && (await removeStale(file, staleMs))) continue;
    if (!waited) options.onWait?.();
    await sleep(pollMs, undefined, { ...(signal && { signal }) }).catch(() => throwIfCancelled(signal));
  }
  const beat = setInterval(() => void touch(file), staleMs / 10);
  beat.unref();
  try {
    return await task();
  } finally {
    clearInterval(beat);
    if ((await readHolder(file))?.nonce === nonce) await rm(file, { force: true });
  }
}

async function tryLock(file: string, nonce: string): Promise<boolean> {
  try {
    const handle = await open(file, 'wx');
    try {
      await handle.writeFile(JSON.stringify({ pid: process.pid, host: hostname(), nonce }));
    } finally {
      await handle.close();
    }
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw diskError(error, file);
  }
}

async function isStale(file: string, staleMs: number): Promise<boolean> {
  try {
    const age = Date.now() - (await stat(file)).mtimeMs;
    if (age > staleMs) return true;
    const holder = await readHolder(file);
    // An unreadable lock is being written right now, or its writer died: its age decides.
    return holder !== undefined && holder.host === hostname() && !isAlive(holder.pid);
  } catch {
    return false; // gone meanwhile: try again
  }
}

/**
 * Two waiters may see the same dead lock, and the slower one must not remove its successor: only who holds the
 * takeover file may remove, and it judges again once it holds that. A takeover cut short is itself
 * stale in time. False: another is at it, so wait.
 */
async function removeStale(file: string, staleMs: number): Promise<boolean> {
  const takeover = `${file}.takeover`;
  try {
    await (await open(takeover, 'wx')).close();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw diskError(error, takeover);
    if (await isStale(takeover, staleMs)) await rm(takeover, { force: true });
    return false;
  }
  try {
    if (await isStale(file, staleMs)) await rm(file, { force: true });
    return true;
  } finally {
    await rm(takeover, { force: true });
  }
}

async function readHolder(file: string): Promise<z.infer<typeof holderSchema> | undefined> {
  try {
    return holderSchema.parse(JSON.parse(await readFile(file, 'utf8')));
  } catch {
    return undefined;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

async function touch(file: string): Promise<void> {
  const now = new Date();
  await utimes(file, now, now).catch(() => undefined);
}
