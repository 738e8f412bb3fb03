// Question: what is a draft on another machine worth to a busy verifier? One core is the expensive machine: the verifier has
// it alone, or shares it with the draft; gateway, clients and the draft elsewhere run on the other core. Drafts have a
// fixed length, so that all rounds are alike.
import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { openModelFolder } from '#libs/models/index.js';
import { realModels } from '../test/support/models.js';
import { startTestStack, type TestStack } from '../test/support/test-stack.js';
import { difference, gatewayCounters } from './load/gateway-counters.js';
import { roundMeans } from './load/round-means.js';
import { traffic } from './load/traffic.js';
import { type Machine, thisMachine } from './machine.js';

export interface PlacementOptions {
  readonly minutes: number;
  readonly gammas: readonly number[];
}

export interface PlacementSample {
  readonly gamma: number;
  readonly isApart: boolean;
  readonly tokens: number;
  readonly windowMs: number;
  /** Of the requests finished, a round. */
  readonly draftComputeMs: number;
  readonly verifyComputeMs: number;
  readonly batchSize: number;
}

export interface PlacementResult {
  readonly kind: 'placement';
  readonly machine: Machine;
  readonly samples: readonly PlacementSample[];
}

const EXPENSIVE_CORE = 0;
const OTHER_CORE = 1;
/** Enough to keep the verifier busy whatever a session waits for. */
const SESSIONS = 12;
const MAX_TOKENS = 64;
const REPEATS = 2;
const WARM_UP_SHARE = 0.25;

export async function measurePlacement({ minutes, gammas }: PlacementOptions): Promise<PlacementResult> {
  const { targetFolder } = await realModels();
  const { manifest } = await openModelFolder(targetFolder);
  const stack = await startTestStack({ OUTRIDER_VERIFIER_THREADS: '1' });
  const samples: PlacementSample[] = [];
  const cellMs = (60_000 * minutes) / (REPEATS * gammas.length * 2);
  pin(process.pid, OTHER_CORE);
  try {
    pinned(stack, 'gateway', OTHER_CORE);
    pinned(stack, 'verifier', EXPENSIVE_CORE);
    for (let repeat = 0; repeat < REPEATS; repeat++)
      for (const gamma of gammas)
        for (const isApart of repeat % 2 === 0 ? [true, false] : [false, true]) {
          pinned(stack, 'draft', isApart ? OTHER_CORE : EXPENSIVE_CORE);
          samples.push(await sampleOf(stack, manifest.name, { gamma, isApart, repeat, cellMs }));
          const { tokens, windowMs } = samples.at(-1)!;
          const rate = ((1000 * tokens) / windowMs).toFixed(0);
          process.stderr.write(`gamma ${gamma}, draft ${isApart ? 'apart' : 'beside'}: ${rate} tokens/s\n`);
        }
  } finally {
    await stack.stop();
  }
  return { kind: 'placement', machine: thisMachine(), samples };
}

function pinned(stack: TestStack, role: 'gateway' | 'verifier' | 'draft', core: number): void {
  pin(stack.pid(role)!, core);
}

/** All threads of a process. */
function pin(pid: number, core: number): void {
  for (const thread of readdirSync(`/proc/${pid}/task`))
    execFileSync('taskset', ['-pc', String(core), thread], { stdio: 'ignore' });
}

interface Cell {
  readonly gamma: number;
  readonly isApart: boolean;
  readonly repeat: number;
  readonly cellMs: number;
}

async function sampleOf(stack: TestStack, model: string, cell: Cell): Promise<PlacementSample> {
  const { gamma, isApart, repeat, cellMs } = cell;
  const speculation = {
    enabled: true,
    method: 'draft_model',
    controller: 'constant',
    num_speculative_tokens: gamma,
  };
  const stop = new AbortController();
  const name = `placement-${gamma}-${isApart}-${repeat}`;
  const options = { target: { url: stack.url, model, speculation }, maxTokens: MAX_TOKENS, seed: 1, name };
  const { observed, done } = traffic({ sessions: SESSIONS }, options, stop.signal);
  await sleep(WARM_UP_SHARE * cellMs);
  const [before, startMs] = [await gatewayCounters(stack.url), performance.now()];
  await sleep((1 - WARM_UP_SHARE) * cellMs);
  const { tokens } = difference(await gatewayCounters(stack.url), before);
  const windowMs = performance.now() - startMs;
  stop.abort();
  await done;
  const sums = observed.flatMap(({ end }) => (end?.kind === 'finished' ? [end.sums] : []));
  const round = roundMeans(sums);
  if (round === undefined) throw new Error('No request finished in a window; give the bench more --minutes.');
  const { draftComputeMs, verifyComputeMs, batchSize } = round;
  return { gamma, isApart, tokens, windowMs, draftComputeMs, verifyComputeMs, batchSize };
}
