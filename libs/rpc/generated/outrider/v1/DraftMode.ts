// Original file: proto/outrider/v1/sampling.proto

export const DraftMode = {
  DRAFT_MODE_UNSPECIFIED: 'DRAFT_MODE_UNSPECIFIED',
  DRAFT_MODE_SAMPLED: 'DRAFT_MODE_SAMPLED',
  DRAFT_MODE_DETERMINISTIC: 'DRAFT_MODE_DETERMINISTIC',
} as const;

export type DraftMode =
  | 'DRAFT_MODE_UNSPECIFIED'
  | 0
  | 'DRAFT_MODE_SAMPLED'
  | 1
  | 'DRAFT_MODE_DETERMINISTIC'
  | 2

export type DraftMode__Output = typeof DraftMode[keyof typeof DraftMode]
