// npm run bench -- speedup [--repeats N] [--max-tokens N]   measures, keeps the result and writes the reports
// npm run bench -- report                                   writes the reports from the results kept
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { parseArgs } from 'node:util';
import { SPEEDUP_FILE, writeReports } from './report.js';
import { measureSpeedup } from './speedup.js';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    repeats: { type: 'string', default: '2' },
    'max-tokens': { type: 'string', default: '64' },
  },
});

if (positionals[0] === 'speedup') {
  const result = await measureSpeedup({
    repeats: Number(values.repeats),
    maxTokens: Number(values['max-tokens']),
  });
  mkdirSync(dirname(SPEEDUP_FILE), { recursive: true });
  writeFileSync(SPEEDUP_FILE, `${JSON.stringify(result)}\n`);
} else if (positionals[0] !== 'report') {
  console.error('Usage: npm run bench -- speedup [--repeats N] [--max-tokens N] | report');
  process.exit(2);
}
writeReports();
console.log(`Written: docs/benchmarks.md`);
