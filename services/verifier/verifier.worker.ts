// The thread that holds the target model and runs the rounds.
import { workerData } from 'node:worker_threads';
import { type EngineOptions, hostWorker, openEngine, SerialQueue } from '#libs/engine/index.js';
import { GrammarFollower, type GrammarVocabulary } from '#libs/grammar/index.js';
import { PastOutputs } from '#libs/speculative/index.js';
import { DraftClients } from './draft-clients.js';
import { DraftingSources } from './drafting.js';
import { type GenerateCall, type GenerateContext, generate } from './generate.js';
import { LayerSkipProposer } from './layer-skip.js';
import type { SelfDrafting } from './self-drafting.js';
import { targetOf } from './verify.js';

export interface VerifierWorkerData {
  readonly engine: EngineOptions;
  readonly folder: string;
  readonly vocabularyFingerprint: string;
  readonly vocabulary: GrammarVocabulary;
  readonly selfDrafting: SelfDrafting;
  readonly pastOutputBytes: number;
}

/** What the main thread is told when the model is loaded. */
export interface VerifierWorkerInfo {
  readonly contextLength: number;
  readonly inPlace: boolean;
}

await hostWorker(async () => {
  const data = workerData as VerifierWorkerData;
  const engine = await openEngine(data.engine);
  const { headSize: vocabSize, contextLength, inPlace } = engine.model;
  const { folder, vocabularyFingerprint } = data;
  const drafts = new DraftClients({ folder, vocabSize, vocabularyFingerprint });
  const queue = new SerialQueue();
  const { skipMask } = data.selfDrafting;
  const { pastOutputBytes: maxBytes } = data;
  const past = maxBytes > 0 ? new PastOutputs({ maxBytes }) : undefined;
  const layerSkip = skipMask && new LayerSkipProposer(engine, queue, skipMask);
  const context: GenerateContext = {
    target: targetOf(engine),
    queue,
    grammars: new GrammarFollower({ vocabulary: data.vocabulary }),
    drafting: new DraftingSources(drafts, { self: data.selfDrafting, layerSkip, past }),
    info: { vocabSize, contextLength },
    endTokenIds: data.vocabulary.stopTokenIds,
  };
  return {
    info: { contextLength, inPlace } satisfies VerifierWorkerInfo,
    handlers: { generate: (call: GenerateCall, signal) => generate(context, call, signal) },
    release: async () => {
      await drafts.close();
      await context.grammars.close();
      await engine.model.release();
    },
  };
});
