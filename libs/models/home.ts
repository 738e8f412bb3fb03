// Where models live on this machine: the home folder and its layout.
//   sources/<name>/<kind>/   what was downloaded        models/<name>-<quantisation>/   what was built from it
//   locks/<name>.lock        who is pulling right now
import { homedir } from 'node:os';
import { isAbsolute, join, resolve } from 'node:path';
import type { CatalogEntry, Source } from './catalog.js';

type Environment = Readonly<Record<string, string | undefined>>;

/** `OUTRIDER_HOME`, else the platform's cache folder for Outrider. */
export function defaultHome(env: Environment, platform: NodeJS.Platform): string {
  if (env.OUTRIDER_HOME) return resolve(env.OUTRIDER_HOME);
  const user = (platform === 'win32' ? env.USERPROFILE : env.HOME) || homedir();
  if (platform === 'win32') return join(env.LOCALAPPDATA || join(user, 'AppData', 'Local'), 'outrider');
  if (platform === 'darwin') return join(user, 'Library', 'Caches', 'outrider');
  // The XDG base directory specification tells to ignore a relative path.
  const cache = env.XDG_CACHE_HOME;
  return join(cache && isAbsolute(cache) ? cache : join(user, '.cache'), 'outrider');
}

/** Folder of the model built from `entry`. */
export function builtModelFolder(home: string, entry: CatalogEntry): string {
  return join(home, 'models', `${entry.name}-${entry.build.quantisation}`);
}

/** Folder for what a source of `name` gave. */
export function sourceFolder(home: string, name: string, kind: Source['kind']): string {
  return join(home, 'sources', name, kind);
}

export function lockFile(home: string, name: string): string {
  return join(home, 'locks', `${name}.lock`);
}
