// Original file: proto/outrider/v1/sampling.proto

export const VerificationMode = {
  VERIFICATION_MODE_UNSPECIFIED: 'VERIFICATION_MODE_UNSPECIFIED',
  VERIFICATION_MODE_RATIO: 'VERIFICATION_MODE_RATIO',
  VERIFICATION_MODE_BLOCK: 'VERIFICATION_MODE_BLOCK',
  VERIFICATION_MODE_COUPLED: 'VERIFICATION_MODE_COUPLED',
} as const;

export type VerificationMode =
  | 'VERIFICATION_MODE_UNSPECIFIED'
  | 0
  | 'VERIFICATION_MODE_RATIO'
  | 1
  | 'VERIFICATION_MODE_BLOCK'
  | 2
  | 'VERIFICATION_MODE_COUPLED'
  | 3

export type VerificationMode__Output = typeof VerificationMode[keyof typeof VerificationMode]
