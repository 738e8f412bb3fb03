// Question: which source of drafts, also where answers repeat their prompts or earlier answers, and which controller? Every
// way has a tenant of its own, so that none finds among the past outputs what another was answered.
import { join } from 'node:path';
import { canSkipLayers, openModelFolder } from '#libs/models/index.js';
import { readSkipSet, SKIP_FILE } from '#libs/tuning/index.js';
import { realModels } from '../test/support/models.js';
import { againPrompts, copyPrompts, familyPrompts } from '../test/support/prompts.js';
import { measure, type SpeedupOptions, type SpeedupResult, type Variants } from './speedup.js';

const MODEL = { method: 'draft_model' };
const METHODS: Variants = {
  plain: { enabled: false },
  chain: { method: 'chain' },
  prompt_lookup: { method: 'prompt_lookup' },
  suffix: { method: 'suffix' },
  'draft_model, goodput': { ...MODEL, controller: 'goodput' },
  'draft_model, constant 3': { ...MODEL, controller: 'constant', num_speculative_tokens: 3 },
  'draft_model, heuristic': { ...MODEL, controller: 'heuristic' },
  'draft_model, confidence': { ...MODEL, controller: 'confidence' },
  'draft_model, draft_exit': { ...MODEL, controller: 'draft_exit' },
};
const NO_SKIP_SET = 'no layers to skip are known for this target (`outrider tune layer-skip`)';

export async function measureMethods(options: SpeedupOptions): Promise<SpeedupResult> {
  const { targetFolder } = await realModels();
  const { manifest } = await openModelFolder(targetFolder);
  const set = canSkipLayers(manifest)
    ? await readSkipSet(join(targetFolder, SKIP_FILE), manifest)
    : undefined;
  const variants = { ...METHODS, ...(set && { layer_skip: { method: 'layer_skip' } }) };
  const prompts = [...familyPrompts().filter((_, i) => i % 2 === 0), ...copyPrompts(), ...againPrompts()];
  const result = await measure(options, {
    kind: 'methods',
    variants,
    prompts,
    remembers: ['chain', 'suffix'],
  });
  return set === undefined ? { ...result, unmeasured: { layer_skip: NO_SKIP_SET } } : result;
}
