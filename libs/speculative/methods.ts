// The names that requests use for draft sources and length controllers.

/**
 * `chain` is the default: each round the source that promises most. `suffix` also looks up what was answered before.
 * `layer_skip`: the target drafts for itself.
 */
export const DRAFT_METHODS = ['chain', 'draft_model', 'prompt_lookup', 'suffix', 'layer_skip'] as const;
export type DraftMethod = (typeof DRAFT_METHODS)[number];

/** `goodput` is the default. `constant` needs a number of tokens. */
export const GAMMA_CONTROLLERS = ['goodput', 'heuristic', 'confidence', 'draft_exit', 'constant'] as const;
export type GammaControllerName = (typeof GAMMA_CONTROLLERS)[number];

/** Whether draft models draft on while the target verifies; `auto` is the default: where it pays. */
export const OPTIMISTIC_CHOICES = ['auto', 'on', 'off'] as const;
export type OptimisticChoice = (typeof OPTIMISTIC_CHOICES)[number];
