// How much the drafts of this target should draft: what `outrider tune gamma` found for each of them and left beside the
// model. The default of requests that choose neither a controller nor a length.
import type { Speculation } from '#libs/rpc/index.js';
import type { GammaSetting } from '#libs/speculative/index.js';
import { readGammaPairs } from '#libs/tuning/index.js';

/** By the draft model's name; structured clones of it pass into the worker. */
export type TunedSettings = ReadonlyMap<string, GammaSetting>;

/** Only what was measured to pay. @throws AppError failed_precondition if the file is damaged or another model's. */
export async function tunedSettingsOf(folder: string, model: string): Promise<TunedSettings> {
  const pairs = await readGammaPairs(folder, model);
  return new Map(pairs.filter((pair) => pair.isWorthwhile).map(({ draft, setting }) => [draft, setting]));
}

export class TunedLengths {
  /** @param modelOf The name of the draft behind an endpoint; undefined while it isn't known. */
  constructor(
    private readonly settings: TunedSettings,
    private readonly modelOf: (endpoint: string) => string | undefined,
  ) {}

  /** Undefined: the request chooses, nobody has tuned this draft, or it hasn't said yet who it is. */
  settingFor(
    endpoint: string | undefined,
    { controller, numSpeculativeTokens }: Speculation,
  ): GammaSetting | undefined {
    if (endpoint === undefined || controller !== undefined || numSpeculativeTokens > 0) return undefined;
    const model = this.settings.size === 0 ? undefined : this.modelOf(endpoint);
    return model === undefined ? undefined : this.settings.get(model);
  }
}
