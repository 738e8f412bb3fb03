// The thread that holds the target model and runs the rounds.
import { workerData } from 'node:worker_threads';
import { type EngineOptions, type ForwardJob, hostWorker, openEngine } from '#libs/engine/index.js';
import { GrammarFollower, type GrammarVocabulary } from '#libs/grammar/index.js';
import { openTlsFiles, type TlsEnvironment } from '#libs/rpc/index.js';
import { FairQueue } from '#libs/scheduling/index.js';
import { type FeatureLayout, PastOutputs } from '#libs/speculative/index.js';
import { DraftClients } from './draft-clients.js';
import { DraftingSources } from './drafting.js';
import { type GenerateCall, type GenerateContext, generate } from './generate.js';
import { together } from './kv-usage.js';
import { LayerSkipProposer } from './layer-skip.js';
import { LocalDraft, type LocalDraftOptions } from './local-draft.js';
import type { SelfDrafting } from './self-drafting.js';
import { TunedLengths, type TunedSettings } from './tuned-lengths.js';
import { targetOf } from './verify.js';

export interface VerifierWorkerData {
  readonly engine: EngineOptions;
  readonly folder: string;
  readonly vocabularyFingerprint: string;
  readonly vocabulary: GrammarVocabulary;
  readonly selfDrafting: SelfDrafting;
  readonly tunedSettings: TunedSettings;
  readonly tls: TlsEnvironment;
  readonly localDraft: LocalDraftOptions | undefined;
  readonly pastOutputBytes: number;
  /** Those that the model gives. */
  readonly features: FeatureLayout | undefined;
  readonly featureBytes: number;
}

/** What the main thread is told when the model is loaded. */
export interface VerifierWorkerInfo {
  readonly contextLength: number;
  readonly inPlace: boolean;
  /** Sessions that can share a forward; 1: none can. */
  readonly batchSlots: number;
}

/** What a step of priority is worth in waiting: a few forwards. */
const AGING_MS = 200;

await hostWorker(async () => {
  const data = workerData as VerifierWorkerData;
  const queue = new FairQueue<ForwardJob>({ now: () => performance.now(), agingMs: AGING_MS });
  const engine = await openEngine(data.engine, queue);
  const { headSize: vocabSize, contextLength, inPlace } = engine.model;
  const { folder, vocabularyFingerprint, features, featureBytes } = data;
  const drafted = { folder, vocabSize, vocabularyFingerprint, features };
  const drafts = new DraftClients(drafted, { tls: openTlsFiles(data.tls), featureBytes });
  const { skipMask } = data.selfDrafting;
  const { pastOutputBytes: maxBytes } = data;
  const past = maxBytes > 0 ? new PastOutputs({ maxBytes }) : undefined;
  const layerSkip = skipMask && new LayerSkipProposer(engine, skipMask);
  const tuned = new TunedLengths(data.tunedSettings);
  const local = data.localDraft && (await LocalDraft.open(data.localDraft, featureBytes));
  const context: GenerateContext = {
    target: targetOf(engine),
    grammars: new GrammarFollower({ vocabulary: data.vocabulary }),
    drafting: new DraftingSources(drafts, { local, self: data.selfDrafting, layerSkip, tuned, past }),
    info: { vocabSize, contextLength },
    endTokenIds: data.vocabulary.stopTokenIds,
  };
  return {
    info: { contextLength, inPlace, batchSlots: engine.batchSlots } satisfies VerifierWorkerInfo,
    handlers: {
      generate: (call: GenerateCall, signal) => generate(context, call, signal),
      usage: async function* () {
        const { usage } = engine.slots;
        yield local === undefined ? usage : together(usage, local.usage);
      },
    },
    release: async () => {
      await drafts.close();
      await context.grammars.close();
      await local?.release();
      await engine.release();
    },
  };
});
