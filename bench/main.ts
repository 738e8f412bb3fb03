// npm run bench -- speedup  [--repeats N] [--max-tokens N]   measures, keeps the result and writes the reports
// npm run bench -- methods  [--repeats N] [--max-tokens N]   the draft sources side by side; fills docs/drafting.md
// npm run bench -- sampling [--repeats N] [--max-tokens N] [--prompts N (of each family)]
// npm run bench -- optimistic [--repeats N] [--max-tokens N] [--prompts N (of each family)]
// npm run bench -- load     [--minutes N] [--sessions 1,8,…] [--max-tokens N] [--repeats N] [--closed] [--quantisation FORM]
//                                                            fills docs/performance.md; with a form it only prints its table
// npm run bench -- simulate                                  from the load kept; same page
// npm run bench -- overload [--minutes N] [--sessions PLACES] [--max-tokens N]   five times too much; same page
// npm run bench -- soak     [--minutes N] [--max-tokens N]   what grows under lasting load; same page
// npm run bench -- placement [--minutes N]                  a draft elsewhere against one beside a busy verifier; same page
// npm run bench -- gateway  [--label NAME] [--seconds N] [--sessions 1,8,…] [--bare] [--profile]   processor time
//                                                            a round, with --bare of the least that Node could do; same page
// npm run bench -- spec-bench --questions FILE [--max-tokens N]   Spec-Bench's table over its question file, or over ours:
//                  bench/prompts/mixed.jsonl
// npm run bench -- peers [--prompts N (of each family)] [--max-tokens N] [--python PYTHON] [--llama-cpp FOLDER] [--genai-model FOLDER]…
//                  [--assistant FOLDER]                   beside other servers and libraries: CONTRIBUTING.md says what it needs
// npm run bench -- forms    [--repeats N] [--max-tokens N] [--prompts N (of each family)]   quality and time of quantisations
// npm run bench -- traces                                    records test/fixtures/acceptance-traces.json
// npm run bench -- tree                                      prints whether trees of drafts would pay
// npm run bench -- report                                    writes the reports from the results kept
import { basename } from 'node:path';
import { parseArgs } from 'node:util';
import { quantisationOf } from '../cli/quantisation.js';
import { recordTraces } from './acceptance-traces.js';
import { measureForms } from './forms.js';
import { measureGateway } from './gateway.js';
import { loadReport } from './load/report.js';
import { type LoadResult, measureLoad } from './load.js';
import { measureMethods } from './methods.js';
import { measureOptimistic } from './optimistic.js';
import { measureOverload } from './overload.js';
import { measurePeers } from './peers.js';
import { measurePlacement } from './placement.js';
import { keepGatewayRun, keepResult, keptResult, type Result, writeReports } from './report.js';
import { measureSampling } from './sampling.js';
import { measureSimulation } from './simulate.js';
import { measureSoak } from './soak.js';
import { measureSpecBench } from './spec-bench.js';
import { readQuestions } from './spec-bench-questions.js';
import { measureSpeedup } from './speedup.js';
import { printTreeGain } from './tree-gain.js';

// Benches ask their prompts again and again: answers found among those given before would pass for drafts.
process.env.OUTRIDER_PAST_OUTPUT_BYTES ??= '0';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    repeats: { type: 'string' },
    'max-tokens': { type: 'string', default: '64' },
    prompts: { type: 'string', default: '1' },
    minutes: { type: 'string' },
    seconds: { type: 'string', default: '10' },
    label: { type: 'string', default: 'now' },
    bare: { type: 'boolean', default: false },
    profile: { type: 'boolean', default: false },
    services: { type: 'string' },
    sessions: { type: 'string' },
    closed: { type: 'boolean', default: false },
    quantisation: { type: 'string' },
    questions: { type: 'string' },
    python: { type: 'string', default: 'python3' },
    'llama-cpp': { type: 'string' },
    'genai-model': { type: 'string', multiple: true },
    assistant: { type: 'string' },
  },
});
const repeats = Number(values.repeats ?? 2);
const maxTokens = Number(values['max-tokens']);
const sessions = (values.sessions ?? '1,8,32,128').split(',').map(Number);

const BENCHES: Record<string, () => Promise<Result | undefined>> = {
  speedup: () => measureSpeedup({ repeats, maxTokens }),
  methods: () => measureMethods({ repeats: Number(values.repeats ?? 1), maxTokens }),
  optimistic: () => measureOptimistic({ repeats, maxTokens, promptsPerFamily: Number(values.prompts) }),
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
      genaiModels: values['genai-model'] ?? [],
    }),
  load: async () => {
    const quantisation = quantisationOf(values.quantisation);
    const load = await measureLoad({
      minutes: Number(values.minutes ?? 6),
      sessions,
      repeats: Number(values.repeats ?? 1),
      open: !values.closed,
      maxTokens,
      quantisation,
    });
    if (quantisation === undefined) return load;
    console.log(loadReport(load));
    return undefined;
  },
  simulate: async () => {
    const load = keptResult<LoadResult>('load');
    if (load === undefined)
      throw new Error('The simulator needs measured costs: run npm run bench -- load first.');
    return measureSimulation(load);
  },
  soak: () => measureSoak({ minutes: Number(values.minutes ?? 30), sessions: 8, maxTokens }),
  overload: () =>
    measureOverload({
      minutes: Number(values.minutes ?? 1),
      places: Number(values.sessions ?? 8),
      maxTokens,
    }),
  placement: () => measurePlacement({ minutes: Number(values.minutes ?? 3), gammas: [2, 4, 8] }),
  gateway: async () => {
    const { label, profile: isProfiled, bare: isBare, services: servicesFolder } = values;
    const seconds = Number(values.seconds);
    const run = await measureGateway({ label, seconds, sessions, servicesFolder, isBare, isProfiled });
    if (!isProfiled) keepGatewayRun(run);
    return undefined;
  },
  'spec-bench': async () => {
    if (values.questions === undefined) throw new Error('Say which question file: --questions FILE');
    const questions = readQuestions(values.questions);
    const onProgress = (done: number) => process.stderr.write(`\r${done}/${questions.length} questions `);
    return measureSpecBench({ questions, name: basename(values.questions), maxTokens, onProgress });
  },
  forms: () =>
    measureForms({
      repeats: Number(values.repeats ?? 8),
      maxTokens,
      promptsPerFamily: Number(values.prompts),
    }),
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
console.log('Written: docs/benchmarks.md, docs/performance.md');
