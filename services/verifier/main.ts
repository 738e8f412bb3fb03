// The verifier process: the target model, and the rounds.
import { availableParallelism } from 'node:os';
import { z } from 'zod';
import { WorkerClient } from '#libs/engine/index.js';
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
import { openModelFolder } from '#libs/models/index.js';
import { configuredWorkers } from '#libs/session/index.js';
import { readTokenBytes } from '#libs/tokenizer/index.js';
import { selfDraftingOf } from './self-drafting.js';
import { verifierService } from './verifier.service.js';
import type { VerifierWorkerData, VerifierWorkerInfo } from './verifier.worker.js';

const schema = hostingSchema.extend({
  OUTRIDER_VERIFIER_PORT: portSchema.default(50052),
  OUTRIDER_MODEL_FOLDER: z.string(),
  OUTRIDER_VERIFIER_THREADS: z.coerce.number().int().positive().default(availableParallelism()),
  /** Drafts this verifier may dial when there is no Redis. */
  OUTRIDER_DRAFTS: endpointsSchema,
  /** Layers to skip when the target drafts for itself; by default what `outrider tune` left beside the model. */
  OUTRIDER_SKIP_FILE: z.string().optional(),
  /** Bound of what is kept of generated texts, to be looked up by speculation.method suffix; 20 bytes a token, 0: nothing. */
  OUTRIDER_PAST_OUTPUT_BYTES: z.coerce
    .number()
    .int()
    .nonnegative()
    .default(2 ** 25),
});

await runMain(async (stop) => {
  const config = validatedEnvironment(schema, process.env, 'The verifier cannot start');
  const model = await openModelFolder(config.OUTRIDER_MODEL_FOLDER);
  const workerData: VerifierWorkerData = {
    engine: engineOptions(model, config, { threads: config.OUTRIDER_VERIFIER_THREADS, exact: true }),
    folder: model.folder,
    vocabularyFingerprint: model.manifest.vocabularyFingerprint,
    pastOutputBytes: config.OUTRIDER_PAST_OUTPUT_BYTES,
    selfDrafting: await selfDraftingOf(model, config.OUTRIDER_SKIP_FILE),
    vocabulary: packVocabulary(await readTokenBytes(model.folder), model.manifest.eosTokenIds),
  };
  await hostModelService(
    {
      role: 'verifier',
      config,
      port: config.OUTRIDER_VERIFIER_PORT,
      manifest: model.manifest,
      knownWorkers: configuredWorkers('draft', config.OUTRIDER_DRAFTS, {
        model: `draft of ${model.manifest.name}`,
        vocabularyFingerprint: model.manifest.vocabularyFingerprint,
      }),
      start: async (health) => {
        const { client, info } = await WorkerClient.start<VerifierWorkerInfo>({
          module: new URL('./verifier.worker.js', import.meta.url),
          workerData,
          onCrash: health.down,
          onRestart: health.up,
        });
        return {
          ...info,
          service: (context) => verifierService(client, context),
          stop: () => client.stop(),
        };
      },
    },
    stop,
  );
});
