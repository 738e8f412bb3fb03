// How urgent a tenant may call its requests. Everybody may stand back; only those whom the operator lists may push ahead.
// Without API keys there is nobody to push aside.
import { AppError } from '#libs/errors/index.js';
import { ANONYMOUS } from '../auth/api-keys.js';

/** vLLM's field: lower goes first, 0 is usual. */
export const PRIORITY_RANGE = { min: -100, max: 100 } as const;

const ENTRY = /^([A-Za-z0-9._-]{1,64}):(-?\d{1,3})$/;

/** From `name:priority` each. Undefined if an entry is malformed. */
export function parseKeyPriorities(entries: readonly string[]): ReadonlyMap<string, number> | undefined {
  const best = new Map<string, number>();
  for (const entry of entries) {
    const [, name, digits] = ENTRY.exec(entry) ?? [];
    const priority = Number(digits);
    if (name === undefined || !(priority >= PRIORITY_RANGE.min && priority <= PRIORITY_RANGE.max))
      return undefined;
    best.set(name, priority);
  }
  return best;
}

/** Throws `invalid_argument` for a priority more urgent than the tenant's best. */
export function checkPriority(
  tenant: string,
  priority: number,
  bestPriorities: ReadonlyMap<string, number>,
): void {
  const best = bestPriorities.get(tenant) ?? (tenant === ANONYMOUS ? PRIORITY_RANGE.min : 0);
  if (priority >= best) return;
  const message = `priority: ${priority} is more urgent than your key may ask for; ${best} is its best.`;
  throw new AppError('invalid_argument', message, { field: 'priority' });
}
