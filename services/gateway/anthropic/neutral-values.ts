// Values of a Messages request that ask for nothing beyond text.
import type { ChangesNothing } from '../http/refused-fields.js';

const hasType =
  (...types: unknown[]): ChangesNothing =>
  (value) =>
    typeof value === 'object' && value !== null && 'type' in value && types.includes(value.type);

/** An adaptive model may think or not: this one does not. */
export const asksForNoThinking = hasType('disabled', 'adaptive');
