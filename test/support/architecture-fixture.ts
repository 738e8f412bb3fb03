// The tiny checkpoints of test/fixtures/architectures, their reference logits, and models built from them.
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type BuildOptions, buildModel } from '#libs/builder/index.js';
import { type Engine, Model, openEngine } from '#libs/engine/index.js';
import { tinyTokenizerJson } from './tiny-checkpoint.js';

export const FIXTURES = ['qwen2', 'qwen3', 'gemma2'] as const;
export type FixtureName = (typeof FIXTURES)[number];

const FOLDER = fileURLToPath(new URL('../../../test/fixtures/architectures', import.meta.url));

export interface Reference {
  readonly tokens: readonly (readonly number[])[];
  /** One array a sequence: [positions, vocabSize]. */
  readonly logits: readonly Float32Array[];
}

export function fixtureFolder(name: FixtureName): string {
  return join(FOLDER, name);
}

export function readReference(name: FixtureName): Reference {
  const { tokens } = JSON.parse(readFileSync(join(FOLDER, name, 'reference.json'), 'utf8')) as Reference;
  const bytes = readFileSync(join(FOLDER, name, 'reference-logits.f32'));
  const all = new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
  const each = all.length / tokens.length;
  return { tokens, logits: tokens.map((_, i) => all.subarray(i * each, (i + 1) * each)) };
}

/** Builds and loads models in a folder of its own; `close` ends them all and removes it. */
export class FixtureModels {
  readonly root = mkdtempSync(join(tmpdir(), 'outrider-architectures-'));
  private readonly models: { release(): Promise<void> }[] = [];

  constructor() {
    writeFileSync(join(this.root, 'tokenizer.json'), JSON.stringify(tinyTokenizerJson()));
  }

  /** `config` overrides config.json of the fixture; `options` goes to the builder, float32 by default. */
  async load(
    name: FixtureName,
    config: Readonly<Record<string, unknown>> = {},
    options: Partial<BuildOptions> = {},
  ): Promise<Model> {
    return this.build({ source: this.copy(name, config), ...options });
  }

  async build(options: Partial<BuildOptions> & Pick<BuildOptions, 'source'>): Promise<Model> {
    const { manifest, folder } = await this.buildFolder(options);
    const graphPath = join(folder, 'model.onnx');
    const model = await Model.load({ ...manifest, graphPath, threads: 2, exact: true });
    this.models.push(model);
    return model;
  }

  /** With a graph in which sessions share forwards of so many tokens. */
  async openEngine(
    options: Partial<BuildOptions> & Pick<BuildOptions, 'source'>,
    maxBatchTokens: number,
  ): Promise<Engine> {
    const { manifest, folder } = await this.buildFolder({ batchSlots: 4, ...options });
    const model = { ...manifest, graphPath: join(folder, 'model.onnx'), threads: 2, exact: true };
    const engine = await openEngine({
      model,
      kvBytes: 2 ** 28,
      slotTtlMs: 60_000,
      batching: true,
      maxBatchTokens,
    });
    this.models.push(engine);
    return engine;
  }

  async buildFolder(options: Partial<BuildOptions> & Pick<BuildOptions, 'source'>) {
    const folder = join(mkdtempSync(join(this.root, 'model-')), 'model');
    const named = { out: folder, name: 'tiny', license: 'MIT', tokenizerFrom: this.root };
    const manifest = await buildModel({ ...named, quantisation: 'f32', layerSkip: true, ...options });
    return { manifest, folder };
  }

  /** A hub folder to change: the fixture's, with `config` over its config.json. */
  copy(name: FixtureName, config: Readonly<Record<string, unknown>> = {}): string {
    const source = mkdtempSync(join(this.root, 'hub-'));
    cpSync(fixtureFolder(name), source, { recursive: true });
    const json = JSON.parse(readFileSync(join(source, 'config.json'), 'utf8'));
    writeFileSync(join(source, 'config.json'), JSON.stringify({ ...json, ...config }));
    return source;
  }

  async close(): Promise<void> {
    for (const model of this.models) await model.release();
    rmSync(this.root, { recursive: true });
  }
}

/** Logits of every position, fed in chunks of the given sizes, over and over: [tokens, vocabSize]. */
export async function logitsOf(
  model: Model,
  tokens: readonly number[],
  chunks: readonly number[] = [tokens.length],
): Promise<Float32Array> {
  const cache = model.newCache();
  const all = new Float32Array(tokens.length * model.headSize);
  for (let i = 0, start = 0; start < tokens.length; i++) {
    const chunk = tokens.slice(start, start + chunks[i % chunks.length]!);
    all.set(await model.advance(cache, chunk, chunk.length), start * model.headSize);
    start += chunk.length;
  }
  return all;
}

export function largestDifference(a: Float32Array, b: Float32Array): number {
  return a.reduce((worst, value, i) => Math.max(worst, Math.abs(value - b[i]!)), 0);
}
