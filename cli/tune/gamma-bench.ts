// The model pair as it serves: the target in this process, the draft behind its service, and real rounds over a user's
// prompts.
import { availableParallelism } from 'node:os';
import { openEngine } from '#libs/engine/index.js';
import { AppError } from '#libs/errors/index.js';
import { engineOptions, hostingSchema } from '#libs/hosting/index.js';
import type { ModelFolder } from '#libs/models/index.js';
import { GREEDY } from '#libs/sampling/index.js';
import {
  ConstantGamma,
  controllerOf,
  type GammaController,
  type GammaLessons,
  type GammaSetting,
  type Proposer,
} from '#libs/speculative/index.js';
import { Tokenizer } from '#libs/tokenizer/index.js';
import { DraftClients } from '../../services/verifier/draft-clients.js';
import { type Target, targetOf } from '../../services/verifier/verify.js';
import type { DraftService } from './draft-service.js';
import { assertSameText, generationSpeed, type TimedGeneration } from './generation-speed.js';
import { promptTokens } from './prompt-tokens.js';

const READY_TIMEOUT_MS = 60_000;
const RETRY_MS = 50;

export interface AnsweredPrompt {
  readonly prompt: readonly number[];
  /** The target's greedy answer; at least three tokens. */
  readonly answer: readonly number[];
}

export interface GammaBenchOptions {
  readonly model: ModelFolder;
  readonly draft: Pick<DraftService, 'endpoint' | 'tls'>;
  readonly prompts: readonly string[];
  /** Most tokens of an answer that count. */
  readonly answerTokens: number;
}

export class GammaBench {
  readonly texts: AnsweredPrompt[] = [];

  private constructor(
    private readonly target: Target,
    private readonly drafts: DraftClients,
    private readonly endpoint: string,
  ) {}

  static async open(options: GammaBenchOptions, signal: AbortSignal): Promise<GammaBench> {
    const { model, draft, prompts, answerTokens } = options;
    const { vocabSize, vocabularyFingerprint, eosTokenIds } = model.manifest;
    const threads = availableParallelism();
    const engine = await openEngine(engineOptions(model, hostingSchema.parse({}), { threads, exact: true }));
    const vocabulary = { folder: model.folder, vocabSize, vocabularyFingerprint };
    const drafts = new DraftClients(vocabulary, { tls: draft.tls });
    const bench = new GammaBench(targetOf(engine), drafts, draft.endpoint);
    try {
      const tokenizer = await Tokenizer.load(model.folder);
      const gamma = new ConstantGamma(0);
      for (const prompt of promptTokens(tokenizer, prompts, answerTokens, engine.model.contextLength)) {
        const task = {
          target: bench.target,
          prompt,
          numTokens: answerTokens,
          stopTokenIds: eosTokenIds,
          gamma,
        };
        const { tokens: answer } = await generationSpeed(task, signal);
        if (answer.length > 2) bench.texts.push({ prompt, answer });
      }
      if (bench.texts.length === 0)
        throw new AppError(
          'invalid_argument',
          'The model answers none of the prompts with three tokens or more.',
        );
      await bench.draftReady(signal);
      return bench;
    } catch (error) {
      await bench.close();
      throw error;
    }
  }

  async close(): Promise<void> {
    await this.drafts.close();
    await this.target.model.release();
  }

  /** The answer once more, with drafts of the controller's lengths. */
  async generate(
    { prompt, answer }: AnsweredPrompt,
    gamma: GammaController,
    signal: AbortSignal,
  ): Promise<TimedGeneration> {
    return this.withDraft(async (proposer) => {
      const task = { target: this.target, prompt, numTokens: answer.length, gamma, proposer };
      const timed = await generationSpeed(task, signal);
      assertSameText(timed, answer, 'of these lengths');
      return timed;
    });
  }

  /** For one generation. */
  async withDraft<Result>(use: (draft: Proposer) => Promise<Result>): Promise<Result> {
    const draft = this.drafts.proposer([this.endpoint])!;
    try {
      return await use(draft);
    } finally {
      draft.close();
    }
  }

  /** Each setting's rate as a multiple of plain decoding's, measured in turns on every prompt. */
  async speedUps(
    settings: readonly { readonly setting: GammaSetting; readonly lessons: GammaLessons }[],
    signal: AbortSignal,
  ): Promise<number[]> {
    let plainMs = 0;
    const ms = settings.map(() => 0);
    for (const text of this.texts) {
      const plain = await this.generate(text, new ConstantGamma(0), signal);
      for (const [i, { setting, lessons }] of settings.entries())
        ms[i]! += (await this.generate(text, controllerOf(setting, lessons), signal)).ms;
      const again = await this.generate(text, new ConstantGamma(0), signal);
      // Before and after, so that a machine that gets busier or idler favours neither.
      plainMs += (plain.ms + again.ms) / 2;
    }
    return ms.map((each) => plainMs / each);
  }

  /** A draft of another vocabulary is of no use before its tokenizer has been fetched. */
  private async draftReady(signal: AbortSignal): Promise<void> {
    const { prompt } = this.texts[0]!;
    const sequence = { sessionId: 'ready', tokens: prompt, promptLength: prompt.length, sampling: GREEDY };
    const limit = AbortSignal.any([signal, AbortSignal.timeout(READY_TIMEOUT_MS)]);
    for (;;)
      try {
        await this.withDraft((draft) => draft.propose(sequence, { maxTokens: 1, minConfidence: 0 }, limit));
        return;
      } catch (error) {
        if (limit.aborted || AppError.from(error).code !== 'unavailable') throw error;
        await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
      }
  }
}
