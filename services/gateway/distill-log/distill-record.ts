// One answer as training data for a draft: what was asked, what the target said, and where the draft was refused.
import type { RoundStats } from '#libs/rpc/index.js';
import type { GenerationRequest, PromptInput } from '../generation/generation-request.js';
import { redacted } from './redacted.js';

export interface DistillRecord {
  /** One of the two; requests that came as token ids are not kept, since nothing could be taken out of them. */
  readonly messages?: readonly { readonly role: string; readonly content: string }[];
  readonly text?: string;
  readonly answer: string;
  readonly temperature: number;
  /** When it was given, as ISO 8601. */
  readonly at: string;
  /** For each round that drafted: how many tokens, and how many the target kept. */
  readonly rounds: readonly (readonly [drafted: number, accepted: number])[];
}

/** More than this is not kept, and not searched for what to take out. */
const MAX_CHARACTERS = 200_000;

/** Undefined for what is not to be kept. */
export function distillRecord(
  { input, sampling }: GenerationRequest,
  answer: string,
  rounds: readonly RoundStats[],
  atMs: number,
): DistillRecord | undefined {
  if (input.kind === 'tokens' || length(input) + answer.length > MAX_CHARACTERS) return undefined;
  return {
    ...asked(input),
    answer: redacted(answer),
    temperature: sampling.temperature,
    at: new Date(atMs).toISOString(),
    rounds: rounds.filter(({ drafted }) => drafted > 0).map(({ drafted, accepted }) => [drafted, accepted]),
  };
}

function length(input: Exclude<PromptInput, { kind: 'tokens' }>): number {
  if (input.kind === 'text') return input.text.length;
  return input.messages.reduce((sum, { content }) => sum + content.length, 0);
}

function asked(input: Exclude<PromptInput, { kind: 'tokens' }>): Pick<DistillRecord, 'messages' | 'text'> {
  if (input.kind === 'text') return { text: redacted(input.text) };
  return { messages: input.messages.map(({ role, content }) => ({ role, content: redacted(content) })) };
}
