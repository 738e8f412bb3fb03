// Who is asked in the peers bench: Outrider with and without speculation, and what else could be started.
import { availableParallelism } from 'node:os';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { streamedChat } from '../streamed-chat.js';
import { PeerProcess, type PeerQuestion } from './peer-process.js';

export interface PeerSources {
  /** Python with transformers, torch and gguf, and perhaps onnxruntime-genai and onnx. */
  readonly python: string;
  /** A transformers checkpoint of a draft, or one of distill/, for assisted generation. */
  readonly assistant: string | undefined;
  /** Folder in which node-llama-cpp is installed. */
  readonly llamaCpp: string | undefined;
  /** Model folders made by onnxruntime-genai's builder. */
  readonly genaiModels: readonly string[];
}

export interface ContenderAnswer {
  readonly numTokens: number;
  readonly text: string;
  readonly firstMs: number;
  readonly totalMs: number;
}

export interface Contender {
  readonly name: string;
  /** How it holds the weights. */
  readonly form: string;
  readonly ask: (question: PeerQuestion & { readonly text: string }) => Promise<ContenderAnswer>;
}

export interface Peers {
  readonly contenders: readonly Contender[];
  /** What runs, with its version. */
  readonly versions: Record<string, string>;
  /** What could not, and why. */
  readonly missing: Record<string, string>;
  readonly stop: () => void;
}

/** Over HTTP and SSE like any client's request; each in a session of its own, so that nothing is cached. */
export function ours(url: string, model: string, form: string, enabled: boolean): Contender {
  let count = 0;
  return {
    name: enabled ? 'Outrider' : 'Outrider, plain',
    form,
    ask: async ({ text: prompt, maxTokens }) => {
      const settings = { url, model, maxTokens, temperature: 0, speculation: { enabled } };
      const cache_salt = `${enabled}-${count++}`;
      const answer = await streamedChat(prompt, { ...settings, sessionId: cache_salt, cache_salt });
      const { text, completionTokens: numTokens, firstMs, decodeMs } = answer;
      return { numTokens, text, firstMs, totalMs: firstMs + decodeMs };
    },
  };
}

/** @param textOf What the tokens of an answer say. */
export async function startPeers(
  { python, assistant = '', llamaCpp, genaiModels }: PeerSources,
  gguf: string,
  textOf: (tokens: readonly number[]) => string,
): Promise<Peers> {
  const threads = String(availableParallelism());
  const contenders: Contender[] = [];
  const processes: PeerProcess[] = [];
  const [versions, missing]: Record<string, string>[] = [{}, {}];
  const start = async (name: string, command: string, args: readonly string[]) => {
    try {
      const process = await PeerProcess.start(command, args);
      processes.push(process);
      versions![name] = process.ready.version;
      contenders.push(...contendersOf(name, process, textOf));
    } catch (error) {
      missing![name] = (error as Error).message;
    }
  };
  await start('transformers', python, [script('transformers_peer.py'), gguf, assistant, threads]);
  if (assistant === '') missing!['transformers: assisted generation'] = 'needs --assistant CHECKPOINT_FOLDER';
  if (llamaCpp === undefined) missing!['llama.cpp'] = 'needs --llama-cpp FOLDER with node-llama-cpp';
  else {
    const module = fileURLToPath(new URL('./llama-cpp-peer.js', import.meta.url));
    await start('llama.cpp', process.execPath, [module, llamaCpp, gguf, threads]);
  }
  missing!['llama.cpp: draft model'] =
    'needs a draft in GGUF; ours covers a part of the vocabulary, which GGUF cannot say';
  if (genaiModels.length === 0) missing!['onnxruntime-genai'] = 'needs --genai-model FOLDER';
  for (const folder of genaiModels)
    await start(`onnxruntime-genai ${basename(folder)}`, python, [script('genai_peer.py'), folder, threads]);
  const stop = () => {
    for (const process of processes) process.stop();
  };
  return { contenders, versions: versions!, missing: missing!, stop };
}

function contendersOf(
  name: string,
  process: PeerProcess,
  textOf: (tokens: readonly number[]) => string,
): Contender[] {
  const { form, modes } = process.ready;
  return modes.map((mode) => ({
    name: modes.length > 1 ? `${name}: ${mode}` : name,
    form,
    ask: async (question) => {
      const { tokens, firstMs, totalMs } = await process.ask(mode, question);
      return { numTokens: tokens.length, text: textOf(tokens), firstMs, totalMs };
    },
  }));
}

function script(file: string): string {
  return fileURLToPath(new URL(`../../../bench/peers/${file}`, import.meta.url));
}
