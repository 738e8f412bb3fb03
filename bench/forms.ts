// Question: what does each form of the linear layers cost in quality and in time? Quality: what the float32 model says on
// chats that it sampled itself, against what each form says behind the same tokens. Time: the processor time of one
// forward on one thread, the least of many interleaved repetitions, so that a busy machine disturbs little.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Quantisation } from '#libs/builder/index.js';
import { Model } from '#libs/engine/index.js';
import { Tokenizer } from '#libs/tokenizer/index.js';
import { buildSmoothed } from '../cli/smoothed-build.js';
import { familyPrompts } from '../test/support/prompts.js';
import { targetGguf } from '../test/support/target-gguf.js';
import { distancesFrom, type Quality, sampledChats } from './forms-quality.js';
import { type Machine, thisMachine } from './machine.js';

export interface FormsOptions {
  /** Prompts of each family, and tokens sampled behind each. */
  readonly promptsPerFamily: number;
  readonly maxTokens: number;
  readonly repeats: number;
}

interface FormResult {
  readonly form: Quantisation;
  readonly megabytes: number;
  /** Against float32: 0 and 1 for float32 itself. */
  readonly quality: Quality;
  /** Milliseconds of each of ROWS. */
  readonly forwardMs: readonly number[];
}

export interface FormsResult {
  readonly kind: 'forms';
  readonly machine: Machine;
  readonly rows: readonly number[];
  readonly repeats: number;
  readonly chats: number;
  readonly tokens: number;
  readonly forms: readonly FormResult[];
}

/** The first is the reference. */
const FORMS: readonly Quantisation[] = ['f32', 'q8', 'q8b64', 'w8'];
const ROWS = [1, 2, 3, 5, 8, 16, 24, 32, 64, 128];
/** Tokens that the cache holds when a forward is timed. */
const PAST = 200;

interface Built {
  readonly form: Quantisation;
  readonly megabytes: number;
  readonly model: Model;
  readonly folder: string;
  readonly eosTokenIds: readonly number[];
}

export async function measureForms(options: FormsOptions): Promise<FormsResult> {
  const root = mkdtempSync(join(tmpdir(), 'outrider-forms-'));
  const built: Built[] = [];
  try {
    for (const form of FORMS) built.push(await build(root, form));
    const reference = built[0]!;
    const tokenizer = await Tokenizer.load(reference.folder);
    const prompts = somePrompts(options.promptsPerFamily).map((text) =>
      tokenizer.encode(tokenizer.applyChatTemplate([{ role: 'user', content: text }]), {
        addSpecialTokens: false,
      }),
    );
    const chats = await sampledChats(reference.model, prompts, options.maxTokens, reference.eosTokenIds);
    const times = await forwardTimes(built, options.repeats);
    const others = built.slice(1).map(({ model }) => model);
    const qualities = [{ kl: 0, top1: 1 }, ...(await distancesFrom(reference.model, others, chats))];
    const forms = built.map(({ form, megabytes }, i) => {
      return { form, megabytes, quality: qualities[i]!, forwardMs: times[i]! };
    });
    const tokens = chats.reduce((sum, { answer }) => sum + answer.length, 0);
    const { repeats } = options;
    return { kind: 'forms', machine: thisMachine(), rows: ROWS, repeats, chats: chats.length, tokens, forms };
  } finally {
    for (const { model } of built) await model.release();
    rmSync(root, { recursive: true, force: true });
  }
}

async function build(root: string, form: Quantisation): Promise<Built> {
  const folder = join(root, form);
  const source = await targetGguf();
  const manifest = await buildSmoothed({
    source,
    out: folder,
    name: 'target',
    license: 'Apache-2.0',
    quantisation: form,
    batchSlots: 1,
  });
  process.stderr.write(`Built ${form}\n`);
  const model = await Model.load({
    ...manifest,
    graphPath: join(folder, 'model.onnx'),
    threads: 1,
    exact: false,
  });
  const bytes = manifest.files['model.onnx.data']!.bytes;
  return { form, megabytes: Math.round(bytes / 1e6), model, folder, eosTokenIds: manifest.eosTokenIds };
}

/** Milliseconds of processor time: [models][ROWS] */
async function forwardTimes(built: readonly Built[], repeats: number): Promise<number[][]> {
  const caches = built.map(({ model }) => model.newCache());
  for (const [i, { model }] of built.entries()) await model.advance(caches[i]!, someTokens(PAST), 1);
  const best = built.map(() => ROWS.map(() => Number.POSITIVE_INFINITY));
  for (let repeat = 0; repeat < repeats; repeat++) {
    for (const [column, rows] of ROWS.entries())
      for (const [i, { model }] of built.entries()) {
        const tokens = someTokens(rows);
        const start = process.cpuUsage();
        await model.advance(caches[i]!, tokens, rows);
        const { user, system } = process.cpuUsage(start);
        caches[i]!.truncate(PAST);
        best[i]![column] = Math.min(best[i]![column]!, (user + system) / 1000);
      }
    process.stderr.write(`\r${repeat + 1}/${repeats} repetitions `);
  }
  return best;
}

function someTokens(count: number): number[] {
  return Array.from({ length: count }, (_, i) => (i * 7919 + 13) % 49_000);
}

/** The first few of each family. */
function somePrompts(perFamily: number): string[] {
  const all = familyPrompts();
  return all
    .filter(
      ({ family }, i) => all.slice(0, i).filter((prompt) => prompt.family === family).length < perFamily,
    )
    .map(({ text }) => text);
}
