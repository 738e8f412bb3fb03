// The tiny checkpoint of test/fixtures/feature-draft with its reference rows, and engines on what is built from it.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type BuildOptions, buildModel } from '#libs/builder/index.js';
import { type Engine, type EngineOptions, openEngine } from '#libs/engine/index.js';
import { tinyTokenizerJson } from './tiny-checkpoint.js';

const FOLDER = fileURLToPath(new URL('../../../test/fixtures/feature-draft', import.meta.url));
export const [WIDTH, HIDDEN, HEAD] = [96, 32, 64];

/** The draft's rows: those of the prompt, then one for each token that follows. */
export interface DraftCase {
  /** Tokens in front whose features are missing. */
  readonly missing: number;
  readonly logits: Float32Array;
  readonly states: Float32Array;
}

export interface FeatureReference {
  readonly tokens: readonly number[];
  readonly followed: readonly number[];
  /** What the stand-alone model gives as a target, float16. */
  readonly features: Uint16Array;
  readonly logits: Float32Array;
  readonly cases: readonly DraftCase[];
}

function bytesOf(name: string): ArrayBuffer {
  const { buffer, byteOffset, length } = readFileSync(join(FOLDER, name));
  return buffer.slice(byteOffset, byteOffset + length) as ArrayBuffer;
}

export function readFeatureReference(): FeatureReference {
  const { tokens, followed, missing } = JSON.parse(readFileSync(join(FOLDER, 'reference.json'), 'utf8')) as {
    tokens: number[];
    followed: number[];
    missing: number[];
  };
  const floats = new Float32Array(bytesOf('reference.f32'));
  let end = 0;
  const take = (rows: number, width: number) => {
    end += rows * width;
    return floats.subarray(end - rows * width, end);
  };
  const logits = take(tokens.length, HEAD);
  const rows = tokens.length + followed.length;
  const cases = missing.map((count) => ({
    missing: count,
    logits: take(rows, HEAD),
    states: take(rows, HIDDEN),
  }));
  return { tokens, followed, features: new Uint16Array(bytesOf('features.f16')), logits, cases };
}

/** Row t is what the target knew at t − 1, from `missing` on; zeros where it is not known. [tokens, WIDTH] */
export function shifted(features: Uint16Array, missing = 0): Uint16Array {
  const rows = new Uint16Array(features.length);
  rows.set(features.subarray(0, features.length - WIDTH), WIDTH);
  return rows.fill(0, 0, Math.min((missing + 1) * WIDTH, rows.length));
}

/** Opens engines on builds in a folder of its own; `close` ends them all and removes it. */
export class FeatureModels {
  readonly root = mkdtempSync(join(tmpdir(), 'outrider-features-'));
  private readonly engines: Engine[] = [];

  constructor() {
    writeFileSync(join(this.root, 'tokenizer.json'), JSON.stringify(tinyTokenizerJson()));
  }

  /** Float32 by default, of one sequence by itself. */
  async open(
    options: Partial<BuildOptions>,
    engineOptions: Partial<Omit<EngineOptions, 'model'>> & { readonly exact?: boolean } = {},
  ): Promise<Engine> {
    const out = join(mkdtempSync(join(this.root, 'model-')), 'model');
    const named = { source: FOLDER, out, name: 'tiny', license: 'MIT', tokenizerFrom: this.root };
    const manifest = await buildModel({ ...named, quantisation: 'f32', ...options });
    const { exact = false, ...rest } = engineOptions;
    const model = { ...manifest, graphPath: join(out, 'model.onnx'), threads: 1, exact };
    const engine = await openEngine({ model, kvBytes: 2 ** 26, slotTtlMs: 60_000, ...rest });
    this.engines.push(engine);
    return engine;
  }

  async close(): Promise<void> {
    for (const engine of this.engines) await engine.release();
    rmSync(this.root, { recursive: true });
  }
}
