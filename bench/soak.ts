// Question: does anything grow under lasting load? Memory, open files, sockets and threads of each process, watched while
// sessions come, hang up and go, and compared between the run's second quarter and its last.
import { setTimeout as sleep } from 'node:timers/promises';
import { openModelFolder } from '#libs/models/index.js';
import type { StackRole } from '../cli/stack.js';
import { realModels } from '../test/support/models.js';
import { startTestStack, type TestStack } from '../test/support/test-stack.js';
import { metricSums } from './load/gateway-counters.js';
import { type ProcessUsage, processUsage } from './load/process-usage.js';
import { traffic } from './load/traffic.js';
import { type Machine, thisMachine } from './machine.js';

export interface SoakOptions {
  readonly minutes: number;
  readonly sessions: number;
  readonly maxTokens: number;
}

export interface SoakSample extends ProcessUsage {
  readonly role: StackRole;
  readonly atMs: number;
  /** Of the workers: keys and values. */
  readonly kvBytes?: number;
}

export interface SoakResult {
  readonly kind: 'soak';
  readonly machine: Machine;
  readonly minutes: number;
  readonly sessions: number;
  readonly requests: Readonly<Record<'finished' | 'cut' | 'refused' | 'failed', number>>;
  readonly samples: readonly SoakSample[];
  readonly restarts: readonly string[];
}

const ROLES: readonly StackRole[] = ['gateway', 'verifier', 'draft'];
const SAMPLES = 120;
/** Clients leave and new ones come so often: cut requests must leave nothing behind. */
const SHIFTS_PER_MINUTE = 2;

export async function measureSoak({ minutes, sessions, maxTokens }: SoakOptions): Promise<SoakResult> {
  const { targetFolder } = await realModels();
  const { manifest } = await openModelFolder(targetFolder);
  const stack = await startTestStack();
  const requests = { finished: 0, cut: 0, refused: 0, failed: 0 };
  const samples: SoakSample[] = [];
  const startMs = performance.now();
  const endMs = startMs + 60_000 * minutes;
  const watching = watch(stack, samples, startMs, (60_000 * minutes) / SAMPLES, endMs);
  try {
    for (let shift = 0; performance.now() < endMs; shift++) {
      const stop = new AbortController();
      const target = { url: stack.url, model: manifest.name, speculation: { enabled: shift % 4 !== 3 } };
      const options = { target, maxTokens, seed: shift, name: `soak-${shift}` };
      const { observed, done } = traffic({ sessions }, options, stop.signal);
      await sleep(Math.min(60_000 / SHIFTS_PER_MINUTE, Math.max(0, endMs - performance.now())));
      stop.abort();
      await done;
      for (const { end } of observed) requests[end?.kind ?? 'cut']++;
      process.stderr.write(
        `\r${((performance.now() - startMs) / 60_000).toFixed(1)} min, ${requests.finished} requests `,
      );
    }
    await watching;
  } finally {
    await stack.stop();
  }
  const { restarts } = stack;
  return { kind: 'soak', machine: thisMachine(), minutes, sessions, requests, samples, restarts };
}

async function watch(
  stack: TestStack,
  samples: SoakSample[],
  startMs: number,
  everyMs: number,
  endMs: number,
): Promise<void> {
  while (performance.now() < endMs) {
    await sleep(everyMs);
    for (const role of ROLES) {
      const pid = stack.pid(role);
      if (pid === undefined) continue;
      const kvBytes = role === 'gateway' ? undefined : await kvBytesOf(stack.probes[role]);
      const atMs = performance.now() - startMs;
      samples.push({ role, atMs, ...processUsage(pid), ...(kvBytes !== undefined && { kvBytes }) });
    }
  }
}

async function kvBytesOf(probe: string): Promise<number> {
  return (await metricSums(probe, ['kv_cache_bytes'])).get('kv_cache_bytes')!;
}
