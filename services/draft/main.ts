// The draft process: a small model that proposes tokens.

import { z } from 'zod';
import { Head, openDraftEngine } from '#libs/drafting/index.js';
import { validatedEnvironment } from '#libs/errors/index.js';
import { draftOptions, hostingSchema, hostModelService, portSchema, runMain } from '#libs/hosting/index.js';
import { openModelFolder } from '#libs/models/index.js';
import { createDraftMetrics } from '#libs/telemetry/index.js';
import { draftService } from './draft.service.js';
import { tokenizerPieces } from './tokenizer-pieces.js';

const schema = hostingSchema.extend({
  OUTRIDER_DRAFT_PORT: portSchema.default(50053),
  /** Of /metrics, /health and /ready; by default there are none. */
  OUTRIDER_DRAFT_METRICS_PORT: portSchema.optional(),
  OUTRIDER_DRAFT_FOLDER: z.string(),
  OUTRIDER_DRAFT_THREADS: z.coerce.number().int().positive().default(1),
  /** Whether to run the graph that reads the target's features: by default if the folder has one. */
  OUTRIDER_DRAFT_FEATURES: z.enum(['auto', 'off']).default('auto'),
  /** Whether sessions share forwards, where that is quicker: it takes the memory of the weights once more. */
  OUTRIDER_BATCHING: z.enum(['on', 'off']).default('on'),
});

await runMain(async (stop) => {
  const config = validatedEnvironment(schema, process.env, 'The draft cannot start');
  const model = await openModelFolder(config.OUTRIDER_DRAFT_FOLDER);
  const options = await draftOptions(model, config, {
    threads: config.OUTRIDER_DRAFT_THREADS,
    batching: config.OUTRIDER_BATCHING === 'on',
    mayRead: () => config.OUTRIDER_DRAFT_FEATURES === 'auto',
  });
  const head = new Head(options.headTokenIds, options.vocabSize);
  const tokenizer = tokenizerPieces(model);
  await hostModelService(
    {
      role: 'draft',
      config,
      port: config.OUTRIDER_DRAFT_PORT,
      probePort: config.OUTRIDER_DRAFT_METRICS_PORT,
      manifest: model.manifest,
      features: options.features,
      start: async () => {
        const engine = await openDraftEngine(options.engine);
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
