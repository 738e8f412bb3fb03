// npm run bench -- speedup  [--repeats N] [--max-tokens N]   measures, keeps the result and writes the reports
// npm run bench -- methods  [--repeats N] [--max-tokens N]   the draft sources side by side; fills docs/drafting.md
// npm run bench -- sampling [--repeats N] [--max-tokens N] [--prompts N (of each family)]
// npm run bench -- spec-bench --questions FILE [--max-tokens N]   Spec-Bench's table over its question file; prints it
// npm run bench -- peers [--prompts N (of each family)] [--python PYTHON] [--llama-cpp FOLDER] [--genai-model FOLDER] [--assistant FOLDER]
// npm run bench -- traces                                    records test/fixtures/acceptance-traces.json
// npm run bench -- tree                                      prints whether trees of drafts would pay
// npm run bench -- report                                    writes the reports from the results kept
import { parseArgs } from 'node:util';
import { recordTraces } from './acceptance-traces.js';
import { measurePeers } from './peers.js';
import { keepResult, type Result, writeReports } from './report.js';
import { measureSampling } from './sampling.js';
import { measureSpecBench, specBenchTable } from './spec-bench.js';
import { readQuestions } from './spec-bench-questions.js';
import { measureMethods, measureSpeedup } from './speedup.js';
import { printTreeGain } from './tree-gain.js';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    repeats: { type: 'string', default: '2' },
    'max-tokens': { type: 'string', default: '64' },
    prompts: { type: 'string', default: '1' },
    questions: { type: 'string' },
    python: { type: 'string', default: 'python3' },
    'llama-cpp': { type: 'string' },
    'genai-model': { type: 'string' },
    assistant: { type: 'string' },
  },
});
const repeats = Number(values.repeats);
const maxTokens = Number(values['max-tokens']);

const BENCHES: Record<string, () => Promise<Result | undefined>> = {
  speedup: () => measureSpeedup({ repeats, maxTokens }),
  methods: () => measureMethods({ repeats, maxTokens }),
  traces: () => recordTraces().then(() => undefined),
  tree: async () => {
    printTreeGain();
    return undefined;
  },
  peers: () =>
    measurePeers({
      promptsPerFamily: Number(values.prompts),
      maxTokens,
      python: values.python,
      assistant: values.assistant,
      llamaCpp: values['llama-cpp'],
      genaiModel: values['genai-model'],
    }),
  'spec-bench': async () => {
    if (values.questions === undefined) throw new Error('Say which question file: --questions FILE');
    const questions = readQuestions(values.questions);
    const onProgress = (done: number) => process.stderr.write(`\r${done}/${questions.length} questions `);
    console.log(`\n${specBenchTable(await measureSpecBench({ questions, maxTokens, onProgress }))}`);
    return undefined;
  },
  sampling: () => measureSampling({ repeats, maxTokens, promptsPerFamily: Number(values.prompts) }),
};

const name = positionals[0] ?? '';
const bench = BENCHES[name];
if (bench !== undefined) {
  const result = await bench();
  if (result) keepResult(result);
} else if (name !== 'report') {
  console.error(`Usage: npm run bench -- ${[...Object.keys(BENCHES), 'report'].join(' | ')}`);
  process.exit(2);
}
writeReports();
console.log('Written: docs/benchmarks.md');
