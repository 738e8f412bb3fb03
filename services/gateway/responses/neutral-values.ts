// Values of a Responses request that ask for nothing beyond text.
import type { ChangesNothing } from '../http/refused-fields.js';

/** All else that can be included is of tools and of reasoning, which no answer here has. */
export const asksForNoLogprobs: ChangesNothing = (value) =>
  Array.isArray(value) && !value.includes('message.output_text.logprobs');

export const asksForText: ChangesNothing = (value) => {
  if (typeof value !== 'object' || value === null) return false;
  const format = 'format' in value ? value.format : undefined;
  if (format === undefined || format === null) return true;
  return typeof format === 'object' && 'type' in format && format.type === 'text';
};
