// Whether this target may draft for itself with layers skipped, and with which: what its operator or `outrider tune`
// decided, beside the model.
import { join } from 'node:path';
import { AppError } from '#libs/errors/index.js';
import { canSkipLayers, type ModelFolder } from '#libs/models/index.js';
import { readSkipSet, SKIP_FILE, skipMask } from '#libs/tuning/index.js';

export interface SelfDrafting {
  readonly model: string;
  /** Undefined if layers cannot be skipped, or nobody has chosen which. [2 · layers] */
  readonly skipMask?: Uint8Array;
  /** Acceptance that was measured when the layers were chosen. */
  readonly acceptance?: number;
  /** Drafts also for requests that don't ask for it by name. */
  readonly byDefault: boolean;
  /** Whether there is a graph that can skip layers at all. */
  readonly canSkip: boolean;
}

/**
 * @param chosenFile A skip set that the operator names: used by default whether it was found to pay or not.
 * @throws AppError failed_precondition if the set is damaged or another model's, or if it is named and doesn't exist.
 */
export async function selfDraftingOf(
  { folder, manifest }: ModelFolder,
  chosenFile?: string | undefined,
): Promise<SelfDrafting> {
  const { name: model } = manifest;
  const canSkip = canSkipLayers(manifest);
  if (!canSkip && chosenFile !== undefined) throw new AppError('failed_precondition', cannotSkip(model));
  if (!canSkip) return { model, canSkip, byDefault: false };
  const set = await readSkipSet(chosenFile ?? join(folder, SKIP_FILE), manifest);
  if (set === undefined && chosenFile !== undefined)
    throw new AppError('failed_precondition', `OUTRIDER_SKIP_FILE names ${chosenFile}, which doesn't exist.`);
  if (set === undefined) return { model, canSkip, byDefault: false };
  return {
    model,
    canSkip,
    byDefault: chosenFile !== undefined || set.isWorthwhile,
    skipMask: skipMask(set),
    acceptance: set.measured.acceptance,
  };
}

/** Why a request that names the method cannot have it. */
export function whyNoLayerSkip({ model, canSkip }: SelfDrafting): AppError {
  const message = canSkip
    ? `No layers to skip are known for ${model}. Run "outrider tune layer-skip --model ${model}" and restart the verifier, ` +
      'or choose another speculation.method.'
    : cannotSkip(model);
  return new AppError('invalid_argument', message, { field: 'speculation.method' });
}

function cannotSkip(model: string): string {
  return `${model} was built without layer skipping (as drafts are); build it as a target, or choose another speculation.method.`;
}
