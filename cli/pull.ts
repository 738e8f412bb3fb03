// `outrider pull`: gets a model, and the draft that goes with it, ready to serve.
import {
  type BuildModel,
  type Catalog,
  ensureModel,
  findEntry,
  openModelFolder,
  type SourceSettings,
} from '#libs/models/index.js';
import { type ProgressStream, progressDisplay } from './progress-display.js';

export interface PullArguments {
  readonly name: string;
  readonly catalog: Catalog;
  readonly home: string;
  readonly build: BuildModel;
  readonly settings?: SourceSettings;
  /** Build again, downloading again whatever is damaged. */
  readonly force?: boolean;
  /** Compare every checksum of the models, also of those that were there already. */
  readonly verify?: boolean;
  /** Where progress is shown. */
  readonly stream: ProgressStream;
  readonly signal?: AbortSignal | undefined;
}

export interface PulledModel {
  readonly name: string;
  readonly folder: string;
}

/** Returns the model and then, when the catalog names one, its draft. Throws as `ensureModel` does. */
export async function pull(args: PullArguments): Promise<PulledModel[]> {
  const { name, catalog, home, build, settings = {}, force = false, signal } = args;
  const { draft } = findEntry(catalog, name);
  const display = progressDisplay(args.stream);
  const { onProgress } = display;
  const pulled: PulledModel[] = [];
  try {
    for (const model of draft === undefined ? [name] : [name, draft]) {
      // A local folder is the checkpoint of the model that was asked for, not of its draft.
      const own = model === name ? settings : { ...settings, localFolder: undefined };
      const folder = await ensureModel({
        name: model,
        catalog,
        home,
        build,
        settings: own,
        force,
        onProgress,
        signal,
      });
      if (args.verify) await openModelFolder(folder, { verify: 'sha256', onProgress, signal });
      pulled.push({ name: model, folder });
    }
  } finally {
    display.stop();
  }
  return pulled;
}
