// Both models in one process, without network or services: the round loop over two engines.
// Run: npm run build && node dist/examples/01-in-process.js ["a question"]
// The first run fetches the default models, as `outrider pull` does; OUTRIDER_HOME says where they are kept.

import { Head, propose } from '#libs/drafting/index.js';
import { openEngine } from '#libs/engine/index.js';
import { draftOptions, engineOptions, hostingSchema } from '#libs/hosting/index.js';
import { defaultHome, openModelFolder } from '#libs/models/index.js';
import { GREEDY } from '#libs/sampling/index.js';
import * as speculative from '#libs/speculative/index.js';
import { Tokenizer } from '#libs/tokenizer/index.js';
import { targetOf, verify } from '#services/verifier/verify.js';
import { ensureModels } from '../cli/models.js';

const question = process.argv[2] ?? 'What is the capital of France, and what is it known for?';
const signal = AbortSignal.timeout(600_000);
const folders = await ensureModels(
  { home: defaultHome(process.env, process.platform), model: 'smollm2-135m-instruct', out: process.stderr },
  signal,
);

const config = hostingSchema.parse({});
const target = await openModelFolder(folders.targetFolder);
const draft = await openModelFolder(folders.draftFolder);
const { vocabSize, eosTokenIds } = target.manifest;
const targetEngine = await openEngine(engineOptions(target, config, { threads: 2, exact: true }));
// Here nobody hands the target's features on: the draft goes by the tokens alone.
const options = await draftOptions(draft, config, { threads: 1, batching: false, mayRead: () => false });
const draftEngine = await openEngine(options.engine);
const head = new Head(options.headTokenIds, vocabSize);
const verifierTarget = targetOf(targetEngine);

// The two ports of the round loop. Each call names all tokens; what a KV cache holds already is not computed again.
const proposer: speculative.Proposer = {
  propose: (sequence, plan, signal) =>
    propose(draftEngine, head, { ...sequence, ...plan, prefixLength: 0 }, signal),
};
const verifier: speculative.Verifier = {
  verify: (sequence, proposal, signal) => verify(verifierTarget, sequence, proposal, signal),
};

const tokenizer = await Tokenizer.load(folders.targetFolder);
const prompt = tokenizer.applyChatTemplate([{ role: 'user', content: question }]);
const promptTokens = tokenizer.encode(prompt, { addSpecialTokens: false });

async function generate(sessionId: string, withDraft: boolean) {
  const { contextLength } = targetEngine.model;
  const stopTokenIds = new Set(eosTokenIds);
  const stats = new speculative.SpeculationStats(0);
  const tokens: number[] = [];
  const startMs = performance.now();
  const rounds = speculative.decode(
    { sessionId, promptTokens, sampling: GREEDY, maxTokens: 64, contextLength, stopTokenIds, vocabSize },
    {
      verifier,
      proposer: withDraft ? proposer : undefined,
      gamma: new speculative.HeuristicGamma({ minConfidence: 0.5 }),
      draftDeadlineMs: 1000,
      now: () => performance.now(),
    },
    signal,
  );
  for await (const round of rounds) {
    tokens.push(...round.tokens);
    stats.add(round);
  }
  return { tokens, ms: Math.round(performance.now() - startMs), metrics: stats.toMetrics() };
}

const plain = await generate('plain', false);
const drafted = await generate('drafted', true);
const { draft_acceptance_rate: rate, mean_acceptance_length: length } = drafted.metrics;
console.log(`${tokenizer.decode(drafted.tokens)}\n`);
console.log(`${plain.tokens.length} tokens: plain ${plain.ms} ms, with the draft ${drafted.ms} ms`);
console.log(`acceptance ${rate.toFixed(2)}, ${length.toFixed(2)} tokens a round`);
console.log(`the same tokens: ${plain.tokens.join() === drafted.tokens.join()}`);
await Promise.all([targetEngine.model.release(), draftEngine.model.release()]);
