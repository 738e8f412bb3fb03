// The verifier process: the target model, and the rounds.
import { availableParallelism } from 'node:os';
import { z } from 'zod';
import { bytesPerToken, type EngineOptions, WorkerClient } from '#libs/engine/index.js';
import { validatedEnvironment } from '#libs/errors/index.js';
import { packVocabulary } from '#libs/grammar/index.js';
import {
  endpointsSchema,
  engineOptions,
  hostingSchema,
  hostModelService,
  portSchema,
  runMain,
} from '#libs/hosting/index.js';
import { type Manifest, type ModelFolder, openModelFolder } from '#libs/models/index.js';
import { tlsEnvironmentSchema } from '#libs/rpc/index.js';
import { configuredWorkers, HeldPrefixes } from '#libs/session/index.js';
import { createVerifierMetrics } from '#libs/telemetry/index.js';
import { readTokenBytes } from '#libs/tokenizer/index.js';
import { GenerationLimits } from './generation-limits.js';
import { kvUsage } from './kv-usage.js';
import type { LocalDraftOptions } from './local-draft.js';
import { localDraftOptions, withSharedMemory } from './local-draft-options.js';
import { selfDraftingOf } from './self-drafting.js';
import { tunedSettingsOf } from './tuned-lengths.js';
import { verifierService } from './verifier.service.js';
import type { VerifierWorkerData, VerifierWorkerInfo } from './verifier.worker.js';

const schema = hostingSchema.extend({
  OUTRIDER_VERIFIER_PORT: portSchema.default(50052),
  /** Of /metrics, /health and /ready; by default there are none. */
  OUTRIDER_VERIFIER_METRICS_PORT: portSchema.optional(),
  OUTRIDER_MODEL_FOLDER: z.string(),
  OUTRIDER_VERIFIER_THREADS: z.coerce.number().int().positive().default(availableParallelism()),
  /** Generations running at once. */
  OUTRIDER_MAX_GENERATIONS: z.coerce.number().int().positive().default(256),
  /** Drafts this verifier may dial when there is no Redis. */
  OUTRIDER_DRAFTS: endpointsSchema,
  /** A draft model to run in the target's own thread; drafts elsewhere are then not asked. */
  OUTRIDER_LOCAL_DRAFT_FOLDER: z.string().optional(),
  OUTRIDER_LOCAL_DRAFT_THREADS: z.coerce.number().int().positive().default(1),
  /** Whether sessions share forwards: it takes the memory of the weights once more. */
  OUTRIDER_BATCHING: z.enum(['on', 'off']).default('on'),
  /** Tokens a shared forward: bounds how long others wait for a long prompt. */
  OUTRIDER_BATCH_TOKENS: z.coerce.number().int().positive().default(64),
  /** Layers to skip when the target drafts for itself; by default what `outrider tune` left beside the model. */
  OUTRIDER_SKIP_FILE: z.string().optional(),
  /** Bound of what is kept of generated texts, to be looked up by speculation.method suffix; 20 bytes a token, 0: nothing. */
  OUTRIDER_PAST_OUTPUT_BYTES: z.coerce
    .number()
    .int()
    .nonnegative()
    .default(2 ** 25),
  /** Bound of the target's features kept for drafts that read them; 0: no draft is sent any. */
  OUTRIDER_FEATURE_BYTES: z.coerce
    .number()
    .int()
    .nonnegative()
    .default(2 ** 27),
});

type VerifierConfig = z.infer<typeof schema>;

await runMain(async (stop) => {
  const config = validatedEnvironment(schema, process.env, 'The verifier cannot start');
  const model = await openModelFolder(config.OUTRIDER_MODEL_FOLDER);
  const selfDrafting = await selfDraftingOf(model, config.OUTRIDER_SKIP_FILE);
  const skipsLayers = selfDrafting.skipMask !== undefined;
  const { OUTRIDER_VERIFIER_THREADS: threads } = config;
  const alone = engineOptions(model, config, { threads, exact: true, skipsLayers });
  const features = model.manifest.features ?? undefined;
  const batching = config.OUTRIDER_BATCHING === 'on';
  const { target: engine, draft: localDraft } = await withLocalDraft(alone, model, config);
  const workerData: VerifierWorkerData = {
    localDraft,
    engine: { ...engine, batching, maxBatchTokens: config.OUTRIDER_BATCH_TOKENS },
    folder: model.folder,
    vocabularyFingerprint: model.manifest.vocabularyFingerprint,
    tls: tlsEnvironmentSchema.parse(config),
    pastOutputBytes: config.OUTRIDER_PAST_OUTPUT_BYTES,
    features,
    featureBytes: config.OUTRIDER_FEATURE_BYTES,
    selfDrafting,
    tunedSettings: await tunedSettingsOf(model.folder, model.manifest.name),
    vocabulary: packVocabulary(await readTokenBytes(model.folder), model.manifest.eosTokenIds),
  };
  const maxTokens = Math.floor(engine.kvBytes / bytesPerToken(engine.model));
  const limits = new GenerationLimits({ maxGenerations: config.OUTRIDER_MAX_GENERATIONS, maxTokens });
  const held = new HeldPrefixes(maxTokens);
  await hostModelService(
    {
      role: 'verifier',
      config,
      port: config.OUTRIDER_VERIFIER_PORT,
      probePort: config.OUTRIDER_VERIFIER_METRICS_PORT,
      manifest: model.manifest,
      features,
      knownWorkers: configuredWorkers('draft', config.OUTRIDER_DRAFTS, {
        model: `draft of ${model.manifest.name}`,
        vocabularyFingerprint: model.manifest.vocabularyFingerprint,
      }),
      start: async (health) => {
        const { client, info } = await WorkerClient.start<VerifierWorkerInfo>({
          module: new URL('./verifier.worker.js', import.meta.url),
          workerData,
          onCrash: (error) => {
            held.clear();
            health.down(error);
          },
          onRestart: health.up,
        });
        const metrics = createVerifierMetrics();
        return {
          ...info,
          warning: batching ? whyNoBatching(model.manifest, info) : undefined,
          service: (context) => verifierService(client, limits, context, metrics, held),
          status: () => ({
            running: limits.running,
            maxRunning: config.OUTRIDER_MAX_GENERATIONS,
            prefixes: held.hashes,
          }),
          metrics: async () => metrics.render(await kvUsage(client)),
          stop: () => client.stop(),
        };
      },
    },
    stop,
  );
});

async function withLocalDraft(
  alone: EngineOptions,
  model: ModelFolder,
  config: VerifierConfig,
): Promise<{ readonly target: EngineOptions; readonly draft: LocalDraftOptions | undefined }> {
  const { OUTRIDER_LOCAL_DRAFT_FOLDER: folder, OUTRIDER_LOCAL_DRAFT_THREADS: threads } = config;
  if (folder === undefined) return { target: alone, draft: undefined };
  const batching = config.OUTRIDER_BATCHING === 'on';
  return withSharedMemory(alone, await localDraftOptions(folder, model, config, { threads, batching }));
}

/** What an operator should know who has not switched batching off. */
function whyNoBatching({ name, batch }: Manifest, { batchSlots }: VerifierWorkerInfo): string | undefined {
  if (batchSlots > 1) return undefined;
  if (batch === undefined)
    return `the model was built before sessions could share forwards: run "outrider pull ${name} --force" to build it again`;
  if (batch === null) return 'the model was built without a graph in which sessions could share forwards';
  return 'the graph in which sessions share forwards gives other logits on this machine: each session has its own';
}
