// Question: is Outrider faster than what a user would run instead, on the same weights and machine? Each prompt is asked
// of everybody, one after the other, in an order that turns. A peer that cannot be started is listed with its reason.
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { openModelFolder } from '#libs/models/index.js';
import { Tokenizer } from '#libs/tokenizer/index.js';
import { realModels } from '../test/support/models.js';
import { familyPrompts } from '../test/support/prompts.js';
import { targetGguf } from '../test/support/target-gguf.js';
import { startTestStack } from '../test/support/test-stack.js';
import { type Machine, thisMachine } from './machine.js';
import { type PeerAnswer, PeerProcess, type PeerQuestion } from './peers/peer-process.js';
import { streamedChat } from './streamed-chat.js';

export interface PeersOptions {
  readonly promptsPerFamily: number;
  readonly maxTokens: number;
  /** Python with transformers, torch and gguf, and perhaps onnxruntime-genai. */
  readonly python: string;
  /** A transformers checkpoint of a draft, for assisted generation. */
  readonly assistant: string | undefined;
  /** Folder in which node-llama-cpp is installed. */
  readonly llamaCpp: string | undefined;
  /** Model folder made by onnxruntime-genai's builder. */
  readonly genaiModel: string | undefined;
}

export interface PeerSample {
  readonly name: string;
  readonly family: string;
  readonly tokens: number;
  readonly firstMs: number;
  readonly totalMs: number;
}

export interface PeersResult {
  readonly kind: 'peers';
  readonly machine: Machine;
  readonly target: string;
  readonly maxTokens: number;
  readonly samples: readonly PeerSample[];
  /** What ran, with its version. */
  readonly versions: Readonly<Record<string, string>>;
  /** What could not, and why. */
  readonly missing: Readonly<Record<string, string>>;
}

interface Contender {
  readonly name: string;
  readonly ask: (question: PeerQuestion & { readonly text: string }) => Promise<PeerAnswer>;
}

export async function measurePeers(options: PeersOptions): Promise<PeersResult> {
  const { targetFolder } = await realModels();
  const { manifest } = await openModelFolder(targetFolder);
  const tokenizer = await Tokenizer.load(targetFolder);
  const prompts = perFamily(options.promptsPerFamily);
  const { processes, versions, missing } = await startPeers(options);
  const stack = await startTestStack();
  try {
    const contenders: Contender[] = [
      ...[false, true].map((enabled) => ours(stack.url, manifest.name, enabled)),
      ...processes.flatMap(({ name, process }) =>
        process.modes.map((mode) => ({
          name: process.modes.length > 1 ? `${name}: ${mode}` : name,
          ask: (question: PeerQuestion) => process.ask(mode, question),
        })),
      ),
    ];
    const samples: PeerSample[] = [];
    for (const [i, { family, text }] of prompts.entries()) {
      const chat = tokenizer.applyChatTemplate([{ role: 'user', content: text }]);
      const tokens = tokenizer.encode(chat, { addSpecialTokens: false });
      const question = { text, tokens, maxTokens: options.maxTokens };
      for (let j = 0; j < contenders.length; j++) {
        const { name, ask } = contenders[(i + j) % contenders.length]!;
        if (i === 0) await ask({ ...question, maxTokens: 4 });
        const { tokens: answer, firstMs, totalMs } = await ask(question);
        samples.push({ name, family, tokens: answer.length, firstMs, totalMs });
      }
      process.stderr.write(`\r${i + 1}/${prompts.length} prompts `);
    }
    const target = `${manifest.name} (${manifest.quantisation})`;
    return {
      kind: 'peers',
      machine: thisMachine(),
      target,
      maxTokens: options.maxTokens,
      samples,
      versions,
      missing,
    };
  } finally {
    for (const { process } of processes) process.stop();
    await stack.stop();
  }
}

function perFamily(count: number) {
  const taken = new Map<string, number>();
  return familyPrompts().filter(({ family }) => {
    taken.set(family, (taken.get(family) ?? 0) + 1);
    return taken.get(family)! <= count;
  });
}

/** Over HTTP and SSE like any client's request; each in a session of its own, so that nothing is cached. */
function ours(url: string, model: string, enabled: boolean): Contender {
  let count = 0;
  return {
    name: enabled ? 'Outrider' : 'Outrider, plain',
    ask: async ({ text, maxTokens }) => {
      const settings = { url, model, maxTokens, temperature: 0, speculation: { enabled } };
      const cache_salt = `${enabled}-${count++}`;
      const answer = await streamedChat(text, { ...settings, sessionId: cache_salt, cache_salt });
      const tokens = Array.from({ length: answer.completionTokens }, () => 0);
      return { tokens, firstMs: answer.firstMs, totalMs: answer.firstMs + answer.decodeMs };
    },
  };
}

async function startPeers(options: PeersOptions) {
  const { python, assistant = '', llamaCpp, genaiModel } = options;
  const gguf = await targetGguf();
  const threads = String(availableParallelism());
  const script = (file: string) => fileURLToPath(new URL(`../../bench/peers/${file}`, import.meta.url));
  const llamaScript = fileURLToPath(new URL('./peers/llama-cpp-peer.js', import.meta.url));
  const processes: { name: string; process: PeerProcess }[] = [];
  const versions: Record<string, string> = {};
  const missing: Record<string, string> = {};
  const start = async (name: string, needs: string | undefined, command: string, args: readonly string[]) => {
    if (needs !== undefined) {
      missing[name] = needs;
      return;
    }
    try {
      const process = await PeerProcess.start(command, args);
      processes.push({ name, process });
      versions[name] = process.version;
    } catch (error) {
      missing[name] = (error as Error).message;
    }
  };
  await start('transformers', undefined, python, [script('transformers_peer.py'), gguf, assistant, threads]);
  if (assistant === '') missing['transformers: assisted generation'] = 'needs --assistant CHECKPOINT_FOLDER';
  await start(
    'llama.cpp',
    llamaCpp === undefined ? 'needs --llama-cpp FOLDER with node-llama-cpp' : undefined,
    process.execPath,
    [llamaScript, llamaCpp ?? '', gguf, threads],
  );
  await start(
    'onnxruntime-genai',
    genaiModel === undefined ? 'needs --genai-model FOLDER' : undefined,
    python,
    [script('genai_peer.py'), genaiModel ?? ''],
  );
  return { processes, versions, missing };
}
