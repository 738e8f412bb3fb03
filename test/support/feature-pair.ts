// A tiny random target and a feature draft made for it: the target in this process, as a verifier's thread holds it, drafts
// behind loopback connections of their own. What either is told can be looked at, and changed on the way.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildModel } from '#libs/builder/index.js';
import { Head } from '#libs/drafting/index.js';
import { type Engine, openEngine } from '#libs/engine/index.js';
import { GrammarFollower, packVocabulary } from '#libs/grammar/index.js';
import { engineOptions, hostingSchema } from '#libs/hosting/index.js';
import { type ModelFolder, openModelFolder } from '#libs/models/index.js';
import { type ModelInfo, type RpcServer, startServer } from '#libs/rpc/index.js';
import type { FeatureLayout } from '#libs/speculative/index.js';
import { createDraftMetrics } from '#libs/telemetry/index.js';
import { draftService } from '../../services/draft/draft.service.js';
import { DraftClients } from '../../services/verifier/draft-clients.js';
import { DraftingSources } from '../../services/verifier/drafting.js';
import { type GenerateCall, type GenerateContext, generate } from '../../services/verifier/generate.js';
import { LocalDraft } from '../../services/verifier/local-draft.js';
import { targetOf } from '../../services/verifier/verify.js';
import { TINY, writeTinyHub } from './tiny-checkpoint.js';
import { FEATURE_DRAFT, FEATURE_WIDTH, writeTinyFeatureDraft } from './tiny-feature-draft.js';

export const FEATURES: FeatureLayout = { layers: FEATURE_DRAFT.target_layers, width: FEATURE_WIDTH };
const CONFIG = hostingSchema.parse({});
const VOCABULARY = TINY.vocab_size;

export interface ServedDraft {
  readonly endpoint: string;
  readonly server: RpcServer;
}

export class FeaturePair {
  private constructor(
    private readonly folder: string,
    readonly target: ModelFolder,
    readonly draft: ModelFolder,
    readonly engine: Engine,
    private readonly drafts: Engine[] = [],
  ) {}

  static async open(): Promise<FeaturePair> {
    const folder = await mkdtemp(join(tmpdir(), 'outrider-features-'));
    const source = writeTinyHub(join(folder, 'target-hub'));
    const named = { license: 'MIT', quantisation: 'f32' } as const;
    await buildModel({ ...named, source, out: join(folder, 'target'), name: 'target' });
    const draft = { source: writeTinyFeatureDraft(join(folder, 'draft-hub')), tokenizerFrom: source };
    await buildModel({ ...named, ...draft, out: join(folder, 'draft'), name: 'draft' });
    const [target, made] = [
      await openModelFolder(join(folder, 'target')),
      await openModelFolder(join(folder, 'draft')),
    ];
    const options = engineOptions(target, CONFIG, { threads: 1, exact: true });
    return new FeaturePair(folder, target, made, await openEngine({ ...options, batching: true }));
  }

  /** @param readsFeatures False: the stand-alone graph of the same folder. @param batching Sessions share forwards. */
  async openDraft(readsFeatures = true, batching = false): Promise<Engine> {
    const options = engineOptions(this.draft, CONFIG, { threads: 1, exact: false, readsFeatures });
    const engine = await openEngine({ ...options, batching, fewestShared: 2 });
    this.drafts.push(engine);
    return engine;
  }

  async serve(engine: Engine, port = 0): Promise<ServedDraft> {
    const features = engine.model.reads ?? undefined;
    const info: ModelInfo = { ...this.info, model: 'draft', features };
    const service = draftService(engine, new Head(undefined, VOCABULARY), info, createDraftMetrics());
    const server = await startServer({ host: '127.0.0.1', port, services: [service], serving: true });
    return { server, endpoint: `127.0.0.1:${server.port}` };
  }

  /**
   * What a verifier's thread holds.
   * @param features What the target is said to give; null: none.
   * @param draft One in this thread.
   */
  verifier(
    features: FeatureLayout | null = FEATURES,
    featureBytes = 2 ** 24,
    draft?: Engine,
  ): GenerateContext & { close(): Promise<void> } {
    const { vocabularyFingerprint, vocabSize } = this.info;
    const drafted = { folder: '', vocabSize, vocabularyFingerprint, features: features ?? undefined };
    const drafts = new DraftClients(drafted, { featureBytes });
    return {
      target: targetOf(this.engine),
      drafting: new DraftingSources(drafts, { local: draft && this.#local(draft, featureBytes) }),
      // Never asked: its thread starts with the first grammar.
      grammars: new GrammarFollower({ vocabulary: packVocabulary([], []) }),
      info: this.info,
      endTokenIds: [],
      close: () => drafts.close(),
    };
  }

  #local(engine: Engine, featureBytes: number): LocalDraft {
    const options = { model: 'draft', headTokenIds: undefined, vocabSize: VOCABULARY };
    return new LocalDraft(engine, { ...options, features: engine.model.reads ?? undefined }, featureBytes);
  }

  get info(): Omit<ModelInfo, 'features'> {
    const { vocabularyFingerprint } = this.target.manifest;
    const { contextLength } = this.engine.model;
    return { model: 'target', vocabSize: VOCABULARY, vocabularyFingerprint, contextLength };
  }

  async close(): Promise<void> {
    for (const engine of [this.engine, ...this.drafts]) await engine.release();
    await rm(this.folder, { recursive: true });
  }
}

let generations = 0;

/** Four tokens a round from the draft model, unless the call says otherwise. */
export function callOf(changes: Partial<GenerateCall> = {}): GenerateCall {
  const tokens = changes.tokens ?? [...Buffer.from('Once upon a time there was a house.')];
  const slotKey = `slot ${generations++}`;
  return {
    requestId: slotKey,
    slotKey,
    dropsSlot: true,
    tokens,
    promptLength: tokens.length,
    sampling: { temperature: 0, topK: 0, topP: 1, seed: 0n },
    maxTokens: 40,
    stopTokenIds: [],
    speculation: { enabled: true, numSpeculativeTokens: 4, method: 'draft_model' },
    draftEndpoints: [],
    // Nothing is shared with another generation, so that each says what it says alone.
    cacheSalt: slotKey,
    ...changes,
  };
}

export interface Generated {
  readonly tokens: number[];
  readonly failures: string[];
  drafted: number;
  accepted: number;
}

/** @param onRound Awaited behind every round. */
export async function generated(
  context: GenerateContext,
  call: GenerateCall,
  onRound?: (soFar: Generated) => Promise<void> | void,
): Promise<Generated> {
  const result: Generated = { tokens: [], failures: [], drafted: 0, accepted: 0 };
  for await (const { tokens, round } of generate(context, call, new AbortController().signal)) {
    result.tokens.push(...tokens);
    result.drafted += round.drafted;
    result.accepted += round.accepted;
    if (round.draftFailure !== undefined) result.failures.push(round.draftFailure);
    await onRound?.(result);
  }
  return result;
}
