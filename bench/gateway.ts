// Question: what processor time does the gateway spend on a round? A real gateway process in front of a verifier that
// answers from a script, so that nothing computes beside it; rounds come as slowly as a model's would.
import { mkdtempSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { openModelFolder } from '#libs/models/index.js';
import { Tokenizer } from '#libs/tokenizer/index.js';
import { FakeVerifier } from '../test/support/fake-verifier.js';
import { realModels } from '../test/support/models.js';
import { copyPrompts } from '../test/support/prompts.js';
import { ServiceProcess } from '../test/support/service-process.js';
import { bareSource } from './bare-source.js';
import { difference, gatewayCounters } from './load/gateway-counters.js';
import { processUsage } from './load/process-usage.js';
import { traffic } from './load/traffic.js';
import { type Machine, thisMachine } from './machine.js';
import { printProfile } from './profile-summary.js';

export interface GatewayOptions {
  /** What the measured code is called in the report. */
  readonly label: string;
  readonly seconds: number;
  readonly sessions: readonly number[];
  /** Compiled services of another build, to be compared with; default these. */
  readonly servicesFolder: string | undefined;
  /** The least that a gateway in Node could do, instead of ours. */
  readonly isBare: boolean;
  /** Also print where the time goes; slows everything down, so nothing is kept. */
  readonly isProfiled: boolean;
}

export interface GatewayCost {
  readonly sessions: number;
  readonly rounds: number;
  readonly tokens: number;
  readonly cpuMs: number;
  /** Of it, in the kernel. */
  readonly systemMs?: number;
  /** The window. */
  readonly ms?: number;
}

export interface GatewayRun {
  readonly label: string;
  readonly machine: Machine;
  readonly costs: readonly GatewayCost[];
  /** Processor time of the process a second while nobody asks for anything: timers, the runtime's own threads. */
  readonly idleMsPerSecond?: number;
}

const TOKENS_PER_ROUND = 2;
const ROUND_MS = 12;
const MAX_TOKENS = 256;

export async function measureGateway(options: GatewayOptions): Promise<GatewayRun> {
  if (options.isBare) return measureBareRelay(options);
  const { targetFolder } = await realModels();
  const { manifest } = await openModelFolder(targetFolder);
  const verifier = await scriptedVerifier(targetFolder, manifest);
  const profiles = mkdtempSync(join(tmpdir(), 'outrider-profiles-'));
  const preload = new URL('./profile-preload.js', import.meta.url).href;
  const env = {
    OUTRIDER_HTTP_PORT: '0',
    OUTRIDER_GRPC_PORT: '0',
    OUTRIDER_MODEL_FOLDER: targetFolder,
    OUTRIDER_VERIFIERS: verifier.endpoint,
    OUTRIDER_DRAFTS: '127.0.0.1:9',
    ...(options.isProfiled && { NODE_OPTIONS: `--import=${preload}`, OUTRIDER_PROFILE_FOLDER: profiles }),
  };
  const gateway = await ServiceProcess.start('gateway', env, options.servicesFolder);
  try {
    return await runOf(gateway, manifest.name, options);
  } finally {
    await gateway.end('SIGTERM');
    await verifier.close();
    if (options.isProfiled) for (const file of readdirSync(profiles)) printProfile(join(profiles, file));
  }
}

async function measureBareRelay(options: GatewayOptions): Promise<GatewayRun> {
  const source = await bareSource(ROUND_MS, MAX_TOKENS / TOKENS_PER_ROUND);
  const main = fileURLToPath(new URL('./bare-relay.js', import.meta.url));
  const relay = await ServiceProcess.run(main, 'relay', { SOURCE_PORT: String(source.port) });
  try {
    return await runOf(relay, 'none', options);
  } finally {
    await relay.end('SIGTERM');
    source.close();
  }
}

async function runOf(gateway: ServiceProcess, model: string, options: GatewayOptions): Promise<GatewayRun> {
  const costs: GatewayCost[] = [];
  const measure = (sessions: number, ms: number) => costOf(gateway, model, sessions, ms);
  await measure(32, 4000);
  const idleMsPerSecond = await idleCost(gateway, options.seconds);
  for (const sessions of options.sessions) costs.push(await measure(sessions, 1000 * options.seconds));
  console.log(costs, `idle: ${idleMsPerSecond.toFixed(2)} ms a second`);
  const label = options.isBare ? 'a bare relay in Node' : options.label;
  return { label, machine: thisMachine(), costs, idleMsPerSecond };
}

async function scriptedVerifier(
  folder: string,
  {
    vocabSize,
    vocabularyFingerprint,
  }: { readonly vocabSize: number; readonly vocabularyFingerprint: string },
): Promise<FakeVerifier> {
  const tokenizer = await Tokenizer.load(folder);
  const text = copyPrompts().map((prompt) => prompt.text);
  const script = tokenizer.encode(text.join('\n'), { addSpecialTokens: false }).slice(0, MAX_TOKENS);
  const tokensPerRound = TOKENS_PER_ROUND;
  const verifier = await FakeVerifier.start({ vocabSize, vocabularyFingerprint, script, tokensPerRound });
  verifier.roundDelayMs = ROUND_MS;
  return verifier;
}

async function idleCost(gateway: ServiceProcess, seconds: number): Promise<number> {
  const used = processUsage(gateway.pid).cpuMs;
  await sleep(1000 * seconds);
  return (processUsage(gateway.pid).cpuMs - used) / seconds;
}

async function costOf(
  gateway: ServiceProcess,
  model: string,
  sessions: number,
  ms: number,
): Promise<GatewayCost> {
  const stop = new AbortController();
  const target = { url: gateway.url, model, speculation: { enabled: true } };
  const options = { target, maxTokens: MAX_TOKENS, seed: 1, name: `gateway-${sessions}` };
  const { done } = traffic({ sessions }, options, stop.signal);
  await sleep(ms / 10);
  const [before, used] = [await gatewayCounters(gateway.url), processUsage(gateway.pid)];
  await sleep(ms);
  const usage = processUsage(gateway.pid);
  const { rounds, tokens } = difference(await gatewayCounters(gateway.url), before);
  stop.abort();
  await done;
  const [cpuMs, systemMs] = [usage.cpuMs - used.cpuMs, usage.systemMs - used.systemMs];
  return { sessions, rounds, tokens, cpuMs, systemMs, ms };
}
