// How drafted tokens are judged and drawn ↔ wire. What is unset on the wire is absent in the domain.
import type { DraftMode, SamplingParams, VerificationMode } from '#libs/sampling/index.js';
import type {
  SamplingParams__Output as WireSampling,
  SamplingParams as WireSamplingInput,
} from '../generated/outrider/v1/SamplingParams.js';
import { invalid } from './check.js';

type SamplingModes = Pick<SamplingParams, 'verification' | 'draftMode'>;

const VERIFICATION = {
  ratio: 'VERIFICATION_MODE_RATIO',
  block: 'VERIFICATION_MODE_BLOCK',
  coupled: 'VERIFICATION_MODE_COUPLED',
} as const satisfies Record<VerificationMode, string>;

const DRAFT = {
  sampled: 'DRAFT_MODE_SAMPLED',
  deterministic: 'DRAFT_MODE_DETERMINISTIC',
} as const satisfies Record<DraftMode, string>;

export function samplingModesToWire({ verification, draftMode }: SamplingModes): WireSamplingInput {
  return {
    ...(verification !== undefined && { verification: VERIFICATION[verification] }),
    ...(draftMode !== undefined && { draftMode: DRAFT[draftMode] }),
  };
}

export function samplingModesFromWire(wire: WireSampling): SamplingModes {
  const verification = modeFromWire(VERIFICATION, wire.verification, 'sampling.verification');
  const draftMode = modeFromWire(DRAFT, wire.draftMode, 'sampling.draft_mode');
  return {
    ...(verification !== undefined && { verification }),
    ...(draftMode !== undefined && { draftMode }),
  };
}

function modeFromWire<Mode extends string>(
  modes: Readonly<Record<Mode, string>>,
  wire: string,
  field: string,
): Mode | undefined {
  const mode = (Object.keys(modes) as Mode[]).find((each) => modes[each] === wire);
  // A number is a mode from the future: guessing another one would break what the client was promised.
  if (mode === undefined && !String(wire).endsWith('_UNSPECIFIED'))
    throw invalid(field, `is ${wire}; it must be one of ${Object.values(modes).join(', ')}.`);
  return mode;
}
