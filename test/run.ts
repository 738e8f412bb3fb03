// Runs the compiled test files of the named suites and ends with what failed and one plain line: "N passed, N failed".
// Usage: node dist/test/run.js [suite …] [--only part-of-a-path]; without a suite, all of the default ones.

import { run } from 'node:test';
import { spec } from 'node:test/reporters';
import { fileURLToPath } from 'node:url';
import { globSync } from './support/glob.js';

const SUITES: Record<string, { readonly folders: readonly string[]; readonly concurrency: number }> = {
  unit: { folders: ['libs', 'services', 'cli', 'bench', 'test/support'], concurrency: 2 },
  exactness: { folders: ['test/exactness'], concurrency: 2 },
  integration: { folders: ['test/integration'], concurrency: 1 },
  model: { folders: ['test/model'], concurrency: 1 },
  e2e: { folders: ['test/e2e'], concurrency: 1 },
};

const dist = fileURLToPath(new URL('..', import.meta.url));
const args = process.argv.slice(2);
const only = args.includes('--only') ? args.splice(args.indexOf('--only'), 2)[1] : undefined;
const unknown = args.filter((suite) => !(suite in SUITES));
if (unknown.length > 0) {
  console.error(`Unknown suite ${unknown.join(', ')}; known: ${Object.keys(SUITES).join(', ')}`);
  process.exit(2);
}

let passed = 0;
let failed = 0;
let skipped = 0;
const failures: string[] = [];
for (const suite of args.length > 0 ? args : Object.keys(SUITES)) await runSuite(suite);
for (const failure of failures) console.log(failure);
console.log(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`);
process.exit(failed > 0 || passed === 0 ? 1 : 0);

async function runSuite(name: string): Promise<void> {
  const suite = SUITES[name]!;
  const files = suite.folders
    .flatMap((folder) => globSync(`${dist}${folder}`, '.spec.js'))
    .filter((file) => only === undefined || file.slice(dist.length).includes(only));
  if (files.length === 0) return;
  console.log(`\n# ${name}`);
  const stream = run({ files, concurrency: suite.concurrency });
  stream.on('test:pass', (event) => {
    if (event.details.type === 'suite') return;
    if (event.skip !== undefined || event.todo !== undefined) skipped++;
    else passed++;
  });
  stream.on('test:fail', (event) => {
    if (event.details.type === 'suite') return;
    failed++;
    failures.push(
      `✖ ${name}: ${event.name} (${event.file?.slice(dist.length) ?? 'no file'}): ${event.details.error.message}`,
    );
  });
  for await (const chunk of stream.compose(new spec())) process.stdout.write(String(chunk));
}
