// Values of a Responses request that ask for nothing beyond text.
import type { ChangesNothing } from '../http/refused-fields.js';

/** All else that can be included is of tools and of reasoning, which no answer here has. */
export const asksForNoLogprobs: ChangesNothing = (value) =>
  Array.isArray(value) && !value.includes('message.output_text.logprobs');
