// The reference that plain decoding is measured against: the same target in this process, one greedy token after the
// other, without workers, network or gateway.
import { join } from 'node:path';
import { type Engine, openEngine } from '#libs/engine/index.js';
import { openModelFolder } from '#libs/models/index.js';
import { argmax } from '#libs/sampling/index.js';

export interface BareRun {
  readonly tokens: readonly number[];
  /** From the first token to the last. */
  readonly decodeMs: number;
}

export class BareEngine {
  private constructor(
    private readonly engine: Engine,
    private readonly eosTokenIds: readonly number[],
  ) {}

  static async open(targetFolder: string, threads: number): Promise<BareEngine> {
    const { manifest } = await openModelFolder(targetFolder);
    const engine = await openEngine({
      model: { ...manifest, graphPath: join(targetFolder, 'model.onnx'), threads, exact: true },
      kvBytes: 2 ** 30,
      slotTtlMs: 60_000,
    });
    return new BareEngine(engine, manifest.eosTokenIds);
  }

  async generate(prompt: readonly number[], maxTokens: number): Promise<BareRun> {
    const { model } = this.engine;
    const cache = model.newCache();
    const tokens = [argmax(await model.advance(cache, prompt, 1))];
    const startMs = performance.now();
    while (tokens.length < maxTokens && !this.eosTokenIds.includes(tokens.at(-1)!))
      tokens.push(argmax(await model.advance(cache, [tokens.at(-1)!], 1)));
    return { tokens, decodeMs: performance.now() - startMs };
  }

  close(): Promise<void> {
    return this.engine.model.release();
  }
}
