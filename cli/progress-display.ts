// Shows the progress of a pull or of another long command: a bar on a terminal, now and then a plain line elsewhere (logs, pipes).
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
  renew: 'Building again',
  download: 'Downloading',
  build: 'Building',
  verify: 'Verifying',
};

/** A plain line is written at every tenth of a step. */
const PLAIN_STEPS = 10;

export function progressDisplay(stream: ProgressStream): ProgressDisplay {
  const { onStep, stop } = stepDisplay(stream);
  const onProgress = (progress: PullProgress) => {
    const { phase, file, done, total } = progress;
    onStep({ name: `${VERBS[phase]} ${file}`, done, total, amount: amountOf(progress) });
  };
  return { onProgress, stop };
}

/** How far a step has come. */
export interface Step {
  readonly name: string;
  readonly done: number;
  /** null: nobody knows yet. */
  readonly total: number | null;
  /** The same in words. */
  readonly amount: string;
}

export interface StepDisplay {
  readonly onStep: (step: Step) => void;
  /** Leaves the last state on the screen and gives the terminal back. */
  stop(): void;
}

export function stepDisplay(stream: ProgressStream): StepDisplay {
  return stream.isTTY ? barDisplay(stream) : plainDisplay(stream);
}

function barDisplay(stream: ProgressStream): StepDisplay {
  let current: string | undefined;
  let bar: SingleBar | undefined;
  const stop = () => {
    bar?.stop();
    bar = undefined;
  };
  const onStep = ({ name, done, total, amount }: Step) => {
    if (name !== current) {
      stop();
      current = name;
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
      bar.start(total, done, { amount });
    }
    bar.update(done, { amount });
  };
  return { onStep, stop };
}

function plainDisplay(stream: ProgressStream): StepDisplay {
  let last = '';
  const onStep = ({ name, done, total, amount }: Step) => {
    const tenth = total === null ? '' : Math.floor((done / Math.max(total, 1)) * PLAIN_STEPS);
    const key = `${name} ${tenth}`;
    if (key === last) return;
    last = key;
    stream.write(`${name}${total === null ? ' …' : `: ${amount}`}\n`);
  };
  return { onStep, stop: () => undefined };
}

/** Builds count in the builder's own units, everything else in bytes. */
function amountOf({ phase, done, total }: PullProgress): string {
  if (phase === 'build') return `${done} of ${total}`;
  const mebibytes = (bytes: number | null) => ((bytes ?? 0) / 2 ** 20).toFixed(1);
  return `${mebibytes(done)} of ${mebibytes(total)} MiB`;
}
