// Measures a skip set on this machine: how often the skipped model says what the full one does, what a token of it costs,
// and what drafting with it brings in real rounds.
import { availableParallelism } from 'node:os';
import { type KvCache, type Model, openEngine } from '#libs/engine/index.js';
import { engineOptions, hostingSchema } from '#libs/hosting/index.js';
import type { ModelFolder } from '#libs/models/index.js';
import { argmax, rawProbability } from '#libs/sampling/index.js';
import { ConstantGamma } from '#libs/speculative/index.js';
import { Tokenizer } from '#libs/tokenizer/index.js';
import { LayerSkipProposer } from '../../services/verifier/layer-skip.js';
import { type Target, targetOf } from '../../services/verifier/verify.js';
import { assertSameText, generationSpeed } from './generation-speed.js';
import { quantile } from './quantile.js';
import { type ReferenceText, referenceTexts } from './reference-texts.js';

/** Tokens drafted from one point of the text when acceptance is measured. */
const WINDOW = 4;
const MOST_TOKENS = 8;
const COST_PAIRS = 32;
const VERIFY_REPEATS = 9;
const QUARTILE = 0.25;

export class LayerSkipBench {
  private readonly scratch: KvCache;

  private constructor(
    private readonly target: Target,
    private readonly texts: readonly ReferenceText[],
  ) {
    this.scratch = target.model.newCache();
  }

  static async open(
    model: ModelFolder,
    prompts: readonly string[],
    signal: AbortSignal,
  ): Promise<LayerSkipBench> {
    const options = { threads: availableParallelism(), exact: true, skipsLayers: true };
    const engine = await openEngine(engineOptions(model, hostingSchema.parse({}), options));
    try {
      const tokenizer = await Tokenizer.load(model.folder);
      const texts = await referenceTexts(engine.model, tokenizer, model.manifest, prompts, signal);
      return new LayerSkipBench(targetOf(engine), texts);
    } catch (error) {
      await engine.model.release();
      throw error;
    }
  }

  async close(): Promise<void> {
    await this.target.model.release();
  }

  /** Share of the answers' tokens that the skipped model finds behind the full model's prefix, up to WINDOW tokens back. */
  async acceptance(skipMask: Uint8Array, signal: AbortSignal): Promise<number> {
    let [right, all] = [0, 0];
    for (const { prompt, answer, cache } of this.texts) {
      this.scratch.truncate(0);
      for (let at = 0; at < answer.length - 1; at += WINDOW) {
        signal.throwIfAborted();
        const fed = answer.slice(at, Math.min(at + WINDOW, answer.length - 1));
        const numCommitted = prompt.length + at;
        this.scratch.copyRows(cache, numCommitted);
        const logits = await this.model.advance(this.scratch, fed, fed.length, signal, { skipMask });
        this.scratch.truncate(numCommitted);
        const { headSize } = this.model;
        for (const i of fed.keys())
          if (argmax(logits.subarray(i * headSize, (i + 1) * headSize)) === answer[at + i + 1]) right++;
        all += fed.length;
      }
    }
    return right / all;
  }

  /** A drafted token's time as a share of a plain round's, measured in turns. */
  async cost(skipMask: Uint8Array, signal: AbortSignal): Promise<number> {
    const [plain, skipped]: [number[], number[]] = [[], []];
    for (let i = 0; i < COST_PAIRS; i++) {
      plain.push(await this.timed(1, signal));
      skipped.push(await this.timed(1, signal, skipMask));
    }
    return quantile(skipped, QUARTILE) / quantile(plain, QUARTILE);
  }

  /** A verification's time as a share of a plain round's, of 1, 2, … drafted tokens. [MOST_TOKENS] */
  async verifyCosts(signal: AbortSignal): Promise<number[]> {
    const times: number[][] = Array.from({ length: MOST_TOKENS + 1 }, () => []);
    for (let i = 0; i < VERIFY_REPEATS; i++)
      for (const [gamma, list] of times.entries()) list.push(await this.timed(gamma + 1, signal));
    const [plain, ...verify] = times.map((list) => quantile(list, QUARTILE));
    // More tokens never cost less, whatever was measured.
    let least = 1;
    return verify.map((ms) => {
      least = Math.max(least, ms / plain!);
      return least;
    });
  }

  /** Tokens a second of real rounds, drafted by the skipped model, as a multiple of plain decoding's. */
  async speedUp(skipMask: Uint8Array, gamma: number, signal: AbortSignal): Promise<number> {
    const proposer = new LayerSkipProposer(this.target, skipMask);
    let [plainMs, draftedMs] = [0, 0];
    for (const { prompt, answer } of this.texts) {
      const task = { target: this.target, prompt, numTokens: answer.length };
      const plain = await generationSpeed({ ...task, gamma: new ConstantGamma(0) }, signal);
      const drafted = await generationSpeed({ ...task, gamma: new ConstantGamma(gamma), proposer }, signal);
      const again = await generationSpeed({ ...task, gamma: new ConstantGamma(0) }, signal);
      assertSameText(drafted, plain.tokens, 'with layers skipped');
      // Before and after, so that a machine that gets busier or idler favours neither.
      plainMs += (plain.ms + again.ms) / 2;
      draftedMs += drafted.ms;
    }
    return plainMs / draftedMs;
  }

  private get model(): Model {
    return this.target.model;
  }

  /** Milliseconds of a forward at the end of the first text, and of reading its last row as a draft or a verdict does. */
  private async timed(numTokens: number, signal: AbortSignal, skipMask?: Uint8Array): Promise<number> {
    const { answer, cache } = this.texts[0]!;
    const { length } = cache;
    const tokens = Array.from({ length: numTokens }, (_, i) => answer[i % answer.length]!);
    signal.throwIfAborted();
    const startMs = performance.now();
    const logits = await this.model.advance(cache, tokens, numTokens, signal, { skipMask });
    const row = logits.subarray(logits.length - this.model.headSize);
    const token = argmax(row);
    if (skipMask !== undefined) rawProbability(row, token);
    const ms = performance.now() - startMs;
    cache.truncate(length);
    return ms;
  }
}
