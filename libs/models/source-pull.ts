// What every kind of source is given to work with.
import type { CommandRunner } from './command.js';
import type { HttpTimeouts } from './http-get.js';
import type { ProgressListener } from './progress.js';

/** Settings of the sources, from the configuration of the process. */
export interface SourceSettings {
  /** Folder (or GGUF file) with a checkpoint that the user already has. */
  readonly localFolder?: string | undefined;
  /** Origin of the hub or of a mirror that answers as it does. */
  readonly hubEndpoint?: string | undefined;
  readonly timeouts?: HttpTimeouts | undefined;
  readonly runCommand?: CommandRunner | undefined;
}

export interface SourcePull {
  /** Folder of this source alone; it outlives the pull. */
  readonly folder: string;
  readonly settings: SourceSettings;
  /** Trust files of an earlier pull only after their checksum was compared. */
  readonly deep: boolean;
  readonly onProgress?: ProgressListener | undefined;
  readonly signal?: AbortSignal | undefined;
}
