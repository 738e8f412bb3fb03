// Loaded before everything else in a process that is profiled (node --import): samples its main thread and each of its
// worker threads, and writes a .cpuprofile of each into OUTRIDER_PROFILE_FOLDER when they end. NODE_OPTIONS takes no
// --cpu-prof, and the services are started by others.
import { mkdirSync, writeFileSync } from 'node:fs';
import { Session } from 'node:inspector';
import { threadId } from 'node:worker_threads';

const START_AFTER_MS = 5000;

const folder = process.env.OUTRIDER_PROFILE_FOLDER;
if (folder !== undefined) {
  const session = new Session();
  session.connect();
  session.post('Profiler.enable');
  session.post('Profiler.setSamplingInterval', { interval: 500 });
  // Starting up is another question.
  const start = setTimeout(() => session.post('Profiler.start'), START_AFTER_MS);
  start.unref();
  const service = /services\/(\w+)/.exec(process.argv[1] ?? '')?.[1] ?? 'node';
  process.once('exit', () => {
    mkdirSync(folder, { recursive: true });
    session.post('Profiler.stop', (error, result) => {
      if (error !== null) return;
      writeFileSync(
        `${folder}/${service}-${process.pid}-${threadId}.cpuprofile`,
        JSON.stringify(result.profile),
      );
    });
  });
}
