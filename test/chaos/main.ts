// The long fault run: every fault at every phase, then randomised schedules with printed seeds; writes docs/reliability.md.
// Usage: npm run test:chaos [-- --schedules 200 --seed 1 --target gateway]; with a target, only its faults, and no page.
import { parseArgs } from 'node:util';
import { seededRandom } from '#libs/tuning/index.js';
import { allCases, type Case, describe, randomCase } from './fault.js';
import { FaultRun } from './fault-run.js';
import { writeReliabilityPage } from './reliability-page.js';

const { values } = parseArgs({
  options: {
    schedules: { type: 'string', default: '200' },
    seed: { type: 'string', default: '1' },
    target: { type: 'string' },
  },
});
const firstSeed = Number(values.seed);
const run = await FaultRun.start(seededRandom(firstSeed));
let failed = 0;
const tell = async (name: string, each: Case) => {
  const outcome = await run.run(each);
  if (outcome.broken !== undefined) failed++;
  console.log(
    `${outcome.broken === undefined ? '✔' : '✖'} ${name}: ${describe(each)} ${outcome.broken ?? ''}`,
  );
  return outcome;
};
try {
  const single = [];
  const cases = allCases().filter(
    ({ strikes: [strike] }) => values.target === undefined || strike!.target === values.target,
  );
  for (const [i, each] of cases.entries()) single.push(await tell(`case ${i + 1}`, each));
  const schedules = [];
  for (let i = 0; i < Number(values.schedules); i++) {
    const seed = firstSeed + i;
    schedules.push(await tell(`seed ${seed}`, randomCase(seededRandom(seed))));
  }
  if (values.target === undefined) writeReliabilityPage(single, schedules, firstSeed);
  console.log(`${single.length + schedules.length - failed} passed, ${failed} failed`);
} finally {
  await run.stop();
}
process.exit(failed > 0 ? 1 : 0);
