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
  constructor(private readonly settings: TunedSettings) {}

  /**
   * @param model The draft's name; undefined while it isn't known.
   * Undefined: the request chooses, or nobody has tuned this draft.
   */
  settingFor(
    model: string | undefined,
    { controller, numSpeculativeTokens }: Speculation,
  ): GammaSetting | undefined {
    if (model === undefined || controller !== undefined || numSpeculativeTokens > 0) return undefined;
    return this.settings.get(model);
  }
}
