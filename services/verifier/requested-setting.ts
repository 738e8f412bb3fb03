// Which length controller a request gets for a source of drafts, and how much it may draft.
import type { Speculation } from '#libs/rpc/index.js';
import { GAMMA_CONTROLLERS, type GammaSetting } from '#libs/speculative/index.js';

const MOST_TOKENS = 8;
/** K of Draft & Verify. */
const MOST_EXIT_TOKENS = 12;

/** The sources of a chain take numbers for a bound: what pays differs between them. */
export function requestedSetting({
  method,
  controller: named,
  numSpeculativeTokens,
}: Speculation): GammaSetting {
  const isChain = method === '' || method === 'chain';
  const known = GAMMA_CONTROLLERS.find((each) => each === named);
  const controller = known ?? (numSpeculativeTokens > 0 && !isChain ? 'constant' : 'goodput');
  const most = controller === 'draft_exit' ? MOST_EXIT_TOKENS : MOST_TOKENS;
  return { controller, maxTokens: numSpeculativeTokens || most };
}
