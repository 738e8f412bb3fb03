// One door to all checkpoint formats.
import { statSync } from 'node:fs';
import type { Checkpoint } from './checkpoint.js';
import { damaged } from './damaged.js';
import { openGguf } from './gguf/gguf-checkpoint.js';
import { openHubFolder } from './hub/hub-checkpoint.js';

/** Opens a GGUF file or a hub folder; throws `failed_precondition` with the reason if neither can be read. */
export function openCheckpoint(path: string): Checkpoint {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (!stat) throw damaged(path, 'there is no such file or folder');
  return stat.isDirectory() ? openHubFolder(path) : openGguf(path);
}
