// Peer llama.cpp through node-llama-cpp for `npm run bench -- peers`, as a process of its own; the same lines as
// transformers_peer.py. The package is the user's: it is looked up from the folder given, and never a dependency here.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';

/** What is used of the package. */
interface LlamaCpp {
  getLlama(options: object): Promise<{ loadModel(options: object): Promise<LlamaModel> }>;
}
interface LlamaModel {
  createContext(options: object): Promise<{ getSequence(): LlamaSequence }>;
  isEogToken(token: number): boolean;
}
interface LlamaSequence {
  evaluate(tokens: readonly number[], options: object): AsyncIterable<number>;
  clearHistory(): Promise<void>;
}

const [folder, modelPath, threads] = process.argv.slice(2) as [string, string, string];
const entry = createRequire(join(folder, 'package.json')).resolve('node-llama-cpp');
const { getLlama } = (await import(pathToFileURL(entry).href)) as LlamaCpp;
const { version } = JSON.parse(
  readFileSync(join(folder, 'node_modules', 'node-llama-cpp', 'package.json'), 'utf8'),
);
const llama = await getLlama({ build: 'never', gpu: false, logLevel: 'error' });
const model = await llama.loadModel({ modelPath });
const context = await model.createContext({ contextSize: 4096, threads: Number(threads) });
const sequence = context.getSequence();
console.log(
  JSON.stringify({ version: `node-llama-cpp ${version}, the GGUF file as it is`, modes: ['generate'] }),
);

for await (const line of createInterface({ input: process.stdin })) {
  const request = JSON.parse(line) as { tokens: number[]; max_tokens: number };
  await sequence.clearHistory();
  const start = performance.now();
  const tokens: number[] = [];
  let firstMs: number | undefined;
  for await (const token of sequence.evaluate(request.tokens, { temperature: 0 })) {
    firstMs ??= performance.now() - start;
    tokens.push(token);
    if (tokens.length >= request.max_tokens || model.isEogToken(token)) break;
  }
  const totalMs = performance.now() - start;
  console.log(JSON.stringify({ tokens, first_ms: firstMs ?? totalMs, total_ms: totalMs }));
}
process.exit(0);
