// Records what controllers are judged by: for every position of the target's greedy text, what the draft would have
// drafted there with which confidences, and how much of it the target would have accepted. A draft that can read the target's
// features goes without them here.
import { writeFileSync } from 'node:fs';
import { type Model, openEngine } from '#libs/engine/index.js';
import { draftOptions, engineOptions, hostingSchema } from '#libs/hosting/index.js';
import { openModelFolder } from '#libs/models/index.js';
import { argmax, rawProbability } from '#libs/sampling/index.js';
import { Tokenizer } from '#libs/tokenizer/index.js';
import { realModels } from '../test/support/models.js';
import { againPrompts, copyPrompts, type FamilyPrompt, familyPrompts } from '../test/support/prompts.js';

const FIXTURES = new URL('../../test/fixtures/', import.meta.url);
/** Texts without and with much that was written before. */
const FILES: Readonly<Record<string, () => FamilyPrompt[]>> = {
  'acceptance-traces.json': familyPrompts,
  'copy-traces.json': () => [...copyPrompts(), ...againPrompts()],
};
const DRAFTED = 8;
const TOKENS = 96;

/** Of one prompt; see libs/speculative/gamma/replay.ts. */
interface Trace {
  readonly family: string;
  /** Tokens. The answer goes on behind the last position that was drafted at. */
  readonly prompt: readonly number[];
  readonly answer: readonly number[];
  /** Answers to what was asked before. */
  readonly before?: readonly (readonly number[])[];
  readonly accepted: number[];
  readonly confidences: number[][];
  /** Place of the target's next token among the draft's, from 0; −1 where its head lacks the token. */
  readonly ranks: number[];
}

export async function recordTraces(): Promise<void> {
  const { targetFolder, draftFolder } = await realModels();
  const targetModel = await openModelFolder(targetFolder);
  const { manifest } = targetModel;
  const tokenizer = await Tokenizer.load(targetFolder);
  const config = hostingSchema.parse({});
  const use = { threads: 1, batching: false, mayRead: () => false };
  const { engine, headTokenIds } = await draftOptions(await openModelFolder(draftFolder), config, use);
  const exact = engineOptions(targetModel, config, { threads: 1, exact: true });
  const [target, draft] = [(await openEngine(exact)).model, (await openEngine(engine)).model];
  const promptOf = (text: string): number[] =>
    tokenizer.encode(tokenizer.applyChatTemplate([{ role: 'user', content: text }]), {
      addSpecialTokens: false,
    });
  const answerTo = (prompt: readonly number[]) => greedyAnswer(target, prompt, manifest.eosTokenIds);
  for (const [file, prompts] of Object.entries(FILES)) {
    const traces: Trace[] = [];
    for (const { family, text, before } of prompts()) {
      const earlier = before && (await Promise.all(before.map((each) => answerTo(promptOf(each)))));
      const prompt = promptOf(text);
      const answer = await answerTo(prompt);
      const along = await draftedAlong(draft, prompt, answer, headTokenIds);
      traces.push({ family, prompt, answer, ...(earlier && { before: earlier }), ...along });
      process.stderr.write(`\r${file}: ${traces.length} prompts `);
    }
    const lines = traces.map((trace) => JSON.stringify(trace)).join(',\n');
    writeFileSync(new URL(file, FIXTURES), `[\n${lines}\n]\n`);
  }
  await target.release();
  await draft.release();
}

async function greedyAnswer(
  target: Model,
  prompt: readonly number[],
  ends: readonly number[],
): Promise<number[]> {
  const cache = target.newCache();
  const answer = [argmax(await target.advance(cache, prompt, 1))];
  while (answer.length < TOKENS + DRAFTED && !ends.includes(answer.at(-1)!))
    answer.push(argmax(await target.advance(cache, [answer.at(-1)!], 1)));
  return answer;
}

type Drafted = Pick<Trace, 'accepted' | 'confidences' | 'ranks'>;

/** What the draft would draft at each position of the answer. */
async function draftedAlong(
  draft: Model,
  prompt: readonly number[],
  answer: readonly number[],
  headTokenIds: Uint32Array | undefined,
): Promise<Drafted> {
  const trace: Drafted = { accepted: [], confidences: [], ranks: [] };
  const cache = draft.newCache();
  const { states: width } = draft.sideWidths;
  const own = width > 0 ? new Float32Array(width) : undefined;
  for (let at = 0; at + DRAFTED < answer.length; at++) {
    let pending = at === 0 ? [...prompt, answer[0]!] : [answer[at]!];
    const committed = cache.length + pending.length;
    const drafted: number[] = [];
    const confidences: number[] = [];
    while (drafted.length < DRAFTED) {
      const sides = { reads: drafted.length === 0 ? {} : { own }, writes: { states: own } };
      const logits = await draft.advance(cache, pending, 1, undefined, sides);
      const row = argmax(logits);
      if (drafted.length === 0) trace.ranks.push(rankOf(answer[at + 1]!, logits, headTokenIds));
      confidences.push(Math.round(100 * rawProbability(logits, row)) / 100);
      pending = [headTokenIds === undefined ? row : headTokenIds[row]!];
      drafted.push(pending[0]!);
    }
    cache.truncate(committed);
    const wrong = drafted.findIndex((token, i) => token !== answer[at + 1 + i]);
    trace.accepted.push(wrong < 0 ? DRAFTED : wrong);
    trace.confidences.push(confidences);
  }
  return trace;
}

function rankOf(token: number, logits: Float32Array, headTokenIds: Uint32Array | undefined): number {
  const row = headTokenIds === undefined ? token : headTokenIds.indexOf(token);
  const own = logits[row];
  return own === undefined ? -1 : logits.reduce((count, logit) => count + (logit > own ? 1 : 0), 0);
}
