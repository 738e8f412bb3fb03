// The draft process: a small model that proposes tokens.

import { z } from 'zod';
import { type ForwardJob, openEngine } from '#libs/engine/index.js';
import { validatedEnvironment } from '#libs/errors/index.js';
import {
  engineOptions,
  hostingSchema,
  hostModelService,
  portSchema,
  readHeadTokenIds,
  runMain,
} from '#libs/hosting/index.js';
import { openModelFolder } from '#libs/models/index.js';
import { createDraftMetrics } from '#libs/telemetry/index.js';
import { draftService } from './draft.service.js';
import { PROMPT_STEP } from './drafting.js';
import { Head } from './head.js';
import { StepQueue } from './step-queue.js';
import { tokenizerPieces } from './tokenizer-pieces.js';

const schema = hostingSchema.extend({
  OUTRIDER_DRAFT_PORT: portSchema.default(50053),
  /** Of /metrics, /health and /ready; by default there are none. */
  OUTRIDER_DRAFT_METRICS_PORT: portSchema.optional(),
  OUTRIDER_DRAFT_FOLDER: z.string(),
  OUTRIDER_DRAFT_THREADS: z.coerce.number().int().positive().default(1),
  /** Whether sessions share forwards, where that is quicker: it takes the memory of the weights once more. */
  OUTRIDER_BATCHING: z.enum(['on', 'off']).default('on'),
});

await runMain(async (stop) => {
  const config = validatedEnvironment(schema, process.env, 'The draft cannot start');
  const model = await openModelFolder(config.OUTRIDER_DRAFT_FOLDER);
  const head = new Head(await readHeadTokenIds(model), model.manifest.vocabSize);
  const tokenizer = tokenizerPieces(model);
  const options = engineOptions(model, config, { threads: config.OUTRIDER_DRAFT_THREADS, exact: false });
  await hostModelService(
    {
      role: 'draft',
      config,
      port: config.OUTRIDER_DRAFT_PORT,
      probePort: config.OUTRIDER_DRAFT_METRICS_PORT,
      manifest: model.manifest,
      start: async () => {
        const engine = await openEngine(
          { ...options, batching: config.OUTRIDER_BATCHING === 'on', maxBatchTokens: PROMPT_STEP },
          new StepQueue<ForwardJob>(),
        );
        const metrics = createDraftMetrics();
        return {
          contextLength: engine.model.contextLength,
          inPlace: engine.model.inPlace,
          service: ({ info }) => draftService(engine, head, info, metrics, tokenizer),
          metrics: () => metrics.render(engine.slots.usage),
          stop: () => engine.release(),
        };
      },
    },
    stop,
  );
});
