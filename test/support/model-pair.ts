// The real target and its draft in this process, without services: generations whose every round a test can look at.
import { Head, propose } from '#libs/drafting/index.js';
import { openEngine } from '#libs/engine/index.js';
import { draftOptions, engineOptions, hostingSchema } from '#libs/hosting/index.js';
import { openModelFolder } from '#libs/models/index.js';
import type { TokenLogprobs } from '#libs/rpc/index.js';
import { GREEDY, type SamplingParams } from '#libs/sampling/index.js';
import {
  ConstantGamma,
  decode,
  type GammaController,
  type Proposer,
  type Round,
} from '#libs/speculative/index.js';
import { Tokenizer } from '#libs/tokenizer/index.js';
import { EngineVerifier } from '../../services/verifier/engine-verifier.js';
import type { LogprobsAsked } from '../../services/verifier/logprobs.js';
import { type Target, targetOf } from '../../services/verifier/verify.js';
import { realModels } from './models.js';

export interface PairRequest extends LogprobsAsked {
  readonly sessionId: string;
  readonly tokens: readonly number[];
  readonly promptLength?: number;
  readonly sampling?: SamplingParams;
  readonly maxTokens: number;
  /** Tokens to draft a round; 0 is plain decoding. */
  readonly gamma: number | GammaController;
  readonly stopTokenIds?: readonly number[];
  /** Who drafts; default the draft model. */
  readonly proposer?: Proposer;
}

export interface PairResult {
  readonly rounds: readonly Round[];
  readonly tokens: readonly number[];
  readonly logprobs: readonly TokenLogprobs[];
}

export class ModelPair {
  private constructor(
    readonly target: Target,
    readonly tokenizer: Tokenizer,
    readonly vocabularyFingerprint: string,
    private readonly proposer: Proposer,
    readonly close: () => Promise<void>,
  ) {}

  /**
   * @param batching Whether sessions share forwards.
   * @param skipsLayers Whether the target can draft for itself.
   */
  static async open({ batching = false, skipsLayers = false } = {}): Promise<ModelPair> {
    const folders = await realModels();
    const config = hostingSchema.parse({});
    const [target, draft] = [
      await openModelFolder(folders.targetFolder),
      await openModelFolder(folders.draftFolder),
    ];
    const options = engineOptions(target, config, { threads: 2, exact: true, skipsLayers });
    const engine = await openEngine({ ...options, batching });
    const alone = { threads: 1, batching: false, mayRead: () => false };
    const { engine: draftEngineOptions, headTokenIds } = await draftOptions(draft, config, alone);
    const draftEngine = await openEngine(draftEngineOptions);
    const head = new Head(headTokenIds, target.manifest.vocabSize);
    const proposer: Proposer = {
      propose: (sequence, plan, signal) =>
        propose(draftEngine, head, { ...sequence, ...plan, prefixLength: 0 }, signal),
    };
    const tokenizer = await Tokenizer.load(folders.targetFolder);
    const { vocabularyFingerprint } = target.manifest;
    return new ModelPair(targetOf(engine), tokenizer, vocabularyFingerprint, proposer, async () => {
      await Promise.all([engine.release(), draftEngine.release()]);
    });
  }

  promptTokens(text: string): number[] {
    const prompt = this.tokenizer.applyChatTemplate([{ role: 'user', content: text }]);
    return this.tokenizer.encode(prompt, { addSpecialTokens: false });
  }

  async run({ tokens: promptTokens, gamma, ...request }: PairRequest): Promise<PairResult> {
    const { headSize: vocabSize, contextLength } = this.target.model;
    const { sampling = GREEDY, stopTokenIds = [] } = request;
    const rounds: Round[] = [];
    const decoding = decode(
      { ...request, promptTokens, sampling, contextLength, vocabSize, stopTokenIds: new Set(stopTokenIds) },
      {
        verifier: new EngineVerifier(this.target, request),
        proposer: gamma === 0 ? undefined : (request.proposer ?? this.proposer),
        gamma: typeof gamma === 'number' ? new ConstantGamma(gamma) : gamma,
        draftDeadlineMs: 60_000,
        now: () => performance.now(),
      },
      new AbortController().signal,
    );
    for await (const round of decoding) rounds.push(round);
    return {
      rounds,
      tokens: rounds.flatMap((round) => round.tokens),
      logprobs: rounds.flatMap((round) => round.logprobs ?? []),
    };
  }
}
