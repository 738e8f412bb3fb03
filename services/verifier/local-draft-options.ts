// What the verifier's thread needs to run a draft model beside the target: checked before either is loaded.
import { bytesPerToken, type EngineOptions, openedModel } from '#libs/engine/index.js';
import { AppError } from '#libs/errors/index.js';
import { draftOptions, type HostingConfig } from '#libs/hosting/index.js';
import { type ModelFolder, openModelFolder } from '#libs/models/index.js';
import { isSameLayout } from '#libs/speculative/index.js';
import type { LocalDraftOptions } from './local-draft.js';

/** @throws AppError failed_precondition if the folder is no model's, or the draft's vocabulary isn't the target's. */
export async function localDraftOptions(
  folder: string,
  { manifest: target }: ModelFolder,
  config: HostingConfig,
  use: { readonly threads: number; readonly batching: boolean },
): Promise<LocalDraftOptions> {
  const draft = await openModelFolder(folder);
  const { name: model, vocabularyFingerprint } = draft.manifest;
  if (vocabularyFingerprint !== target.vocabularyFingerprint)
    throw new AppError(
      'failed_precondition',
      `OUTRIDER_LOCAL_DRAFT_FOLDER names ${model}, whose vocabulary isn't that of ${target.name}. Serve it as a process of its ` +
        'own (OUTRIDER_DRAFTS): there its tokens are translated.',
    );
  const options = await draftOptions(draft, config, {
    ...use,
    mayRead: (layout) => isSameLayout(layout, target.features ?? undefined),
  });
  return { model, ...options };
}

/** The bound of keys and values, shared so that target and draft hold the same number of tokens. */
export function withSharedMemory(
  target: EngineOptions,
  draft: LocalDraftOptions,
): { readonly target: EngineOptions; readonly draft: LocalDraftOptions } {
  const [ofTarget, ofDraft] = [bytesPerToken(target.model), bytesPerToken(openedModel(draft.engine))];
  const draftBytes = Math.floor((target.kvBytes * ofDraft) / (ofTarget + ofDraft));
  return {
    target: { ...target, kvBytes: target.kvBytes - draftBytes },
    draft: { ...draft, engine: { ...draft.engine, kvBytes: draftBytes } },
  };
}
