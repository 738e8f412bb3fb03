// Question: is Outrider faster than what a user would run instead, on the same weights and machine? Each prompt is asked
// of everybody, one after the other, in an order that turns. A peer that cannot be started, or fails on the way, is listed
// with its reason.
import { openModelFolder } from '#libs/models/index.js';
import { Tokenizer } from '#libs/tokenizer/index.js';
import { realModels } from '../test/support/models.js';
import { familyPrompts } from '../test/support/prompts.js';
import { targetGguf } from '../test/support/target-gguf.js';
import { startTestStack } from '../test/support/test-stack.js';
import { type Machine, thisMachine } from './machine.js';
import { type Contender, ours, type PeerSources, startPeers } from './peers/contenders.js';

export interface PeersOptions extends PeerSources {
  readonly promptsPerFamily: number;
  readonly maxTokens: number;
}

export interface PeerSample {
  readonly name: string;
  readonly family: string;
  /** Which of the prompts. */
  readonly prompt: number;
  readonly tokens: number;
  readonly text: string;
  readonly firstMs: number;
  readonly totalMs: number;
}

export interface PeersResult {
  readonly kind: 'peers';
  readonly machine: Machine;
  readonly target: string;
  readonly maxTokens: number;
  readonly samples: readonly PeerSample[];
  /** How each holds the weights. */
  readonly forms: Readonly<Record<string, string>>;
  /** What ran, with its version. */
  readonly versions: Readonly<Record<string, string>>;
  /** What could not, and why. */
  readonly missing: Readonly<Record<string, string>>;
}

/** Before the first measured answer: what is compiled, read or allocated at first use is nobody's speed. */
const WARM_UP_TOKENS = 4;

export async function measurePeers(options: PeersOptions): Promise<PeersResult> {
  const { targetFolder } = await realModels();
  const { manifest } = await openModelFolder(targetFolder);
  const tokenizer = await Tokenizer.load(targetFolder);
  const peers = await startPeers(options, await targetGguf(), (tokens) => tokenizer.decode(tokens));
  const { versions, missing } = peers;
  const stack = await startTestStack({}, {}, 'verifier');
  try {
    const all = [
      ...[false, true].map((enabled) => ours(stack.url, manifest.name, manifest.quantisation, enabled)),
      ...peers.contenders,
    ];
    const left = new Set(all);
    const samples: PeerSample[] = [];
    const prompts = perFamily(options.promptsPerFamily);
    for (const [prompt, { family, text }] of prompts.entries()) {
      const chat = tokenizer.applyChatTemplate([{ role: 'user', content: text }]);
      const tokens = tokenizer.encode(chat, { addSpecialTokens: false });
      const question = { text, tokens, maxTokens: options.maxTokens };
      for (const contender of turned(all, prompt).filter((each) => left.has(each))) {
        const { name } = contender;
        try {
          const answer = await answerOf(contender, question, prompt === 0);
          samples.push({ name, family, prompt, ...answer });
        } catch (error) {
          left.delete(contender);
          missing[name] = `failed at prompt ${prompt + 1}: ${(error as Error).message}`;
        }
      }
      process.stderr.write(`\r${prompt + 1}/${prompts.length} prompts `);
    }
    return {
      kind: 'peers',
      machine: thisMachine(),
      target: manifest.name,
      maxTokens: options.maxTokens,
      samples: samples.filter(({ name }) => !(name in missing)),
      forms: Object.fromEntries(all.map(({ name, form }) => [name, form])),
      versions,
      missing,
    };
  } finally {
    peers.stop();
    await stack.stop();
  }
}

type Question = Parameters<Contender['ask']>[0];

async function answerOf(contender: Contender, question: Question, isFirst: boolean) {
  if (isFirst) await contender.ask({ ...question, maxTokens: WARM_UP_TOKENS });
  const { numTokens: tokens, text, firstMs, totalMs } = await contender.ask(question);
  return { tokens, text, firstMs, totalMs };
}

function turned<T>(all: readonly T[], by: number): T[] {
  return all.map((_, i) => all[(i + by) % all.length]!);
}

function perFamily(count: number) {
  const taken = new Map<string, number>();
  return familyPrompts().filter(({ family }) => {
    taken.set(family, (taken.get(family) ?? 0) + 1);
    return taken.get(family)! <= count;
  });
}
