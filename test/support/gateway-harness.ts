// A whole gateway in this process, on free ports, in front of fake verifiers: everything real but the models.
import 'reflect-metadata';
import { rm } from 'node:fs/promises';
import type { TestContext } from 'node:test';
import OpenAI from 'openai';
import { configuredWorkers, type JournalStore, openJournalStore, openSession } from '#libs/session/index.js';
import { createLogger, createMetrics, type Metrics } from '#libs/telemetry/index.js';
import { ApiKeys } from '#services/gateway/auth/api-keys.js';
import { type Gateway, type GatewayOptions, startGateway } from '#services/gateway/gateway.js';
import { FolderTextModel } from '#services/gateway/generation/folder-text-model.js';
import { NO_LIMITS } from '#services/gateway/limits/limit-settings.js';
import { FakeVerifier, fakeTeam } from './fake-verifier.js';
import { bytesOf, IM_END, makeTinyModelFolder } from './tiny-model-folder.js';

export const STORY = 'Once upon a time there was a café; it stood by the sea. The end.';

/** Of journals: a lease short enough to wait for. */
export const JOURNALS = { leaseMs: 400, ttlMs: 60_000, maxSize: 1024 * 1024 };

export interface GatewayUnderTest {
  readonly gateway: Gateway;
  readonly url: string;
  readonly client: OpenAI;
  readonly metrics: Metrics;
  /** One team: they share their mishaps. */
  readonly verifiers: readonly FakeVerifier[];
  /** Lines of the log. */
  readonly log: readonly string[];
}

export interface GatewayUnderTestOptions extends Partial<GatewayOptions> {
  readonly numVerifiers?: number;
  readonly contextLength?: number;
  /** Default one of its own. */
  readonly journalStore?: JournalStore;
  /** `name:key` each; the client sends the first. */
  readonly apiKeys?: readonly string[];
}

/** Everything is closed when the test ends. */
export async function gatewayUnderTest(
  context: TestContext,
  { numVerifiers = 1, apiKeys = [], contextLength, journalStore, ...options }: GatewayUnderTestOptions = {},
): Promise<GatewayUnderTest> {
  const folder = await makeTinyModelFolder(contextLength === undefined ? {} : { contextLength });
  const text = await FolderTextModel.open(folder, undefined);
  const { vocabSize, vocabularyFingerprint } = text;
  const team = fakeTeam();
  const script = [...bytesOf(STORY), IM_END];
  const verifiers: FakeVerifier[] = [];
  for (let i = 0; i < numVerifiers; i++)
    verifiers.push(await FakeVerifier.start({ vocabSize, vocabularyFingerprint, script }, team));
  const endpoints = verifiers.map(({ endpoint }) => endpoint);
  const now = () => performance.now();
  const served = { model: text.manifestName, vocabularyFingerprint };
  const workers = [
    ...configuredWorkers('verifier', endpoints, served),
    ...configuredWorkers('draft', ['127.0.0.1:9'], served),
  ];
  const session = await openSession({ workers, now });
  const metrics = createMetrics();
  const log: string[] = [];
  const destination = { write: (line: string) => void log.push(line) };
  const logger = createLogger({ service: 'gateway', level: 'debug', destination });
  const gateway = await startGateway(
    {
      text,
      session,
      journalStore: journalStore ?? (await openJournalStore({ ...JOURNALS, now })),
      apiKeys: keysOf(apiKeys),
      metrics,
      logger,
      now,
      unixSeconds: () => 1_700_000_000,
    },
    {
      host: '127.0.0.1',
      httpPort: 0,
      grpcPort: 0,
      maxBodyBytes: 64 * 1024,
      openRoutes: [],
      corsOrigins: [],
      limits: NO_LIMITS,
      stallTimeoutMs: 10_000,
      slowReaderMs: 10_000,
      shutdownTimeoutMs: 1_000,
      journalLeaseMs: JOURNALS.leaseMs,
      ...options,
    },
  );
  context.after(async () => {
    await gateway.close();
    await Promise.all(verifiers.map((verifier) => verifier.close()));
    await rm(folder, { recursive: true });
  });
  const url = `http://127.0.0.1:${gateway.httpPort}`;
  const client = new OpenAI({
    baseURL: `${url}/v1`,
    apiKey: apiKeys[0]?.split(':').at(-1) ?? 'unused',
    maxRetries: 0,
  });
  return { gateway, url, client, metrics, verifiers, log };
}

function keysOf(entries: readonly string[]): ApiKeys {
  return entries.length === 0 ? ApiKeys.none : ApiKeys.of([{ origin: 'the test', entries }]);
}
