// Builds a model in a form that profits from smoothing (libs/builder/smoothing.ts): a first build observes itself on a few
// chats, the second is smoothed by what it saw. The chats are a model's own samples, so no benchmark's text is in them.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { z } from 'zod';
import { type BuildOptions, buildModel, type InputMaxima, type Quantisation } from '#libs/builder/index.js';
import { inputMaxima } from '#libs/engine/index.js';
import type { Manifest } from '#libs/models/index.js';
import { Tokenizer } from '#libs/tokenizer/index.js';

const SMOOTHED: readonly Quantisation[] = ['q8b64', 'w8'];
const CHATS_FILE = new URL('../../models/calibration.json', import.meta.url);
const MOST_TOKENS = 256;
const fileSchema = z.object({ chats: z.array(z.object({ user: z.string(), assistant: z.string() })).min(1) });

/** As `buildModel`, but smoothed where the form profits from it. Drafts have no tokenizer to read the chats with: plain. */
export async function buildSmoothed(options: BuildOptions): Promise<Manifest> {
  const { quantisation = 'q8', tokenizerFrom } = options;
  if (!SMOOTHED.includes(quantisation) || tokenizerFrom !== undefined) return buildModel(options);
  return buildModel({ ...options, maxima: await observe(options) });
}

async function observe(options: BuildOptions): Promise<InputMaxima> {
  const out = resolve(options.out);
  const scratch = mkdtempSync(join(dirname(out), `.${basename(out)}.observed-`));
  try {
    const folder = join(scratch, 'model');
    const manifest = await buildModel({ ...options, out: folder, quantisation: 'q8', observed: true });
    const graph = { ...manifest, graphPath: join(folder, 'model.onnx'), threads: availableParallelism() };
    return await inputMaxima(graph, chatTokens(await Tokenizer.load(folder), manifest), options.signal);
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

function chatTokens(tokenizer: Tokenizer, { contextLength }: Manifest): number[][] {
  const { chats } = fileSchema.parse(JSON.parse(readFileSync(CHATS_FILE, 'utf8')));
  return chats.map(({ user, assistant }) => {
    const prompt = tokenizer.hasChatTemplate
      ? tokenizer.applyChatTemplate([{ role: 'user', content: user }])
      : `${user}\n\n`;
    const tokens = tokenizer.encode(`${prompt}${assistant}`, {
      addSpecialTokens: !tokenizer.hasChatTemplate,
    });
    return tokens.slice(0, Math.min(MOST_TOKENS, contextLength));
  });
}
