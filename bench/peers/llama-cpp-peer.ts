// Peer llama.cpp through node-llama-cpp for `npm run bench -- peers`, as a process of its own; the same lines as
// transformers_peer.py. The package is the user's: it is looked up from the folder given, and never a dependency here.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';

/** What is used of the package. */
interface LlamaCpp {
  getLlama(options: object): Promise<{
    readonly llamaCppRelease: { readonly release: string };
    loadModel(options: object): Promise<LlamaModel>;
  }>;
  readonly InputLookupTokenPredictor: new (options?: object) => LookupPredictor;
}
interface LookupPredictor {
  updateInputTokens(tokens: readonly number[]): void;
}
interface LlamaModel {
  createContext(options: object): Promise<{ getSequence(options?: object): LlamaSequence }>;
  isEogToken(token: number): boolean;
}
interface LlamaSequence {
  evaluate(tokens: readonly number[], options: object): AsyncIterable<number>;
  clearHistory(): Promise<void>;
}
interface PeerRequest {
  readonly mode: string;
  readonly tokens: number[];
  readonly max_tokens: number;
}

const PROMPT_LOOKUP = 'prompt lookup';

const [folder, modelPath, threads] = process.argv.slice(2) as [string, string, string];
const entry = createRequire(join(folder, 'package.json')).resolve('node-llama-cpp');
const { getLlama, InputLookupTokenPredictor } = (await import(pathToFileURL(entry).href)) as LlamaCpp;
const { version } = JSON.parse(
  readFileSync(join(folder, 'node_modules', 'node-llama-cpp', 'package.json'), 'utf8'),
);
const llama = await getLlama({ build: 'never', gpu: false, logLevel: 'error' });
const model = await llama.loadModel({ modelPath });
const context = await model.createContext({ contextSize: 4096, sequences: 2, threads: Number(threads) });
const tokenPredictor = new InputLookupTokenPredictor();
const sequences: Readonly<Record<string, LlamaSequence>> = {
  generate: context.getSequence(),
  [PROMPT_LOOKUP]: context.getSequence({ tokenPredictor }),
};
const versions = `node-llama-cpp ${version}, llama.cpp ${llama.llamaCppRelease.release}`;
console.log(
  JSON.stringify({ version: versions, form: 'the GGUF file as it is', modes: Object.keys(sequences) }),
);

for await (const line of createInterface({ input: process.stdin })) {
  const request = JSON.parse(line) as PeerRequest;
  const sequence = sequences[request.mode]!;
  await sequence.clearHistory();
  console.log(JSON.stringify(await answer(sequence, request)));
}
process.exit(0);

async function answer(sequence: LlamaSequence, { mode, tokens: prompt, max_tokens: maxTokens }: PeerRequest) {
  const start = performance.now();
  const tokens: number[] = [];
  let firstMs: number | undefined;
  if (mode === PROMPT_LOOKUP) tokenPredictor.updateInputTokens(prompt);
  for await (const token of sequence.evaluate(prompt, { temperature: 0 })) {
    firstMs ??= performance.now() - start;
    tokens.push(token);
    if (tokens.length >= maxTokens || model.isEogToken(token)) break;
  }
  const totalMs = performance.now() - start;
  return { tokens, first_ms: firstMs ?? totalMs, total_ms: totalMs };
}
