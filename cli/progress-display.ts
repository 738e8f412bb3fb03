// Shows a pull's progress: a bar on a terminal, now and then a plain line elsewhere (logs, pipes).
import { SingleBar } from 'cli-progress';
import type { ProgressListener, PullProgress } from '#libs/models/index.js';

export interface ProgressDisplay {
  readonly onProgress: ProgressListener;
  /** Leaves the last state on the screen and gives the terminal back. */
  stop(): void;
}

/** What a display needs of its stream; process.stderr is one. */
export type ProgressStream = NodeJS.WritableStream & { readonly isTTY?: boolean };

const VERBS: Readonly<Record<PullProgress['phase'], string>> = {
  wait: 'Waiting for another pull of',
  download: 'Downloading',
  build: 'Building',
  verify: 'Verifying',
};

/** A plain line is written at every tenth of a step. */
const PLAIN_STEPS = 10;

export function progressDisplay(stream: ProgressStream): ProgressDisplay {
  return stream.isTTY ? barDisplay(stream) : plainDisplay(stream);
}

function barDisplay(stream: ProgressStream): ProgressDisplay {
  let step: string | undefined;
  let bar: SingleBar | undefined;
  const stop = () => {
    bar?.stop();
    bar = undefined;
  };
  const onProgress = (progress: PullProgress) => {
    const { phase, file, done, total } = progress;
    const name = `${VERBS[phase]} ${file}`;
    if (name !== step) {
      stop();
      step = name;
      if (total === null) stream.write(`${name} …\n`);
    }
    if (total === null) return;
    if (bar === undefined) {
      bar = new SingleBar({
        format: `${name} {bar} {percentage}% {amount}`,
        stream,
        hideCursor: true,
        barsize: 24,
      });
      bar.start(total, done, { amount: amountOf(progress) });
    }
    bar.update(done, { amount: amountOf(progress) });
  };
  return { onProgress, stop };
}

function plainDisplay(stream: ProgressStream): ProgressDisplay {
  let last = '';
  const onProgress = (progress: PullProgress) => {
    const { phase, file, done, total } = progress;
    const tenth = total === null ? '' : Math.floor((done / Math.max(total, 1)) * PLAIN_STEPS);
    const key = `${phase} ${file} ${tenth}`;
    if (key === last) return;
    last = key;
    stream.write(`${VERBS[phase]} ${file}${total === null ? ' …' : `: ${amountOf(progress)}`}\n`);
  };
  return { onProgress, stop: () => undefined };
}

/** Builds count in the builder's own units, everything else in bytes. */
function amountOf({ phase, done, total }: PullProgress): string {
  if (phase === 'build') return `${done} of ${total}`;
  const mebibytes = (bytes: number | null) => ((bytes ?? 0) / 2 ** 20).toFixed(1);
  return `${mebibytes(done)} of ${mebibytes(total)} MiB`;
}
