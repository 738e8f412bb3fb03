// What a pull tells while it works; counts are bytes, or whatever unit the builder counts in while it builds.

export interface PullProgress {
  /** `wait`: another process is pulling the same model. `renew`: it is there, but has to be built again. */
  readonly phase: 'wait' | 'renew' | 'download' | 'build' | 'verify';
  /** File or step at work. */
  readonly file: string;
  readonly done: number;
  /** null: nobody knows yet. */
  readonly total: number | null;
}

export type ProgressListener = (progress: PullProgress) => void;
