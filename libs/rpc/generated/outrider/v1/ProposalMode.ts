// Original file: proto/outrider/v1/draft.proto

export const ProposalMode = {
  PROPOSAL_MODE_UNSPECIFIED: 'PROPOSAL_MODE_UNSPECIFIED',
  PROPOSAL_MODE_SAMPLED: 'PROPOSAL_MODE_SAMPLED',
  PROPOSAL_MODE_DETERMINISTIC: 'PROPOSAL_MODE_DETERMINISTIC',
} as const;

export type ProposalMode =
  | 'PROPOSAL_MODE_UNSPECIFIED'
  | 0
  | 'PROPOSAL_MODE_SAMPLED'
  | 1
  | 'PROPOSAL_MODE_DETERMINISTIC'
  | 2

export type ProposalMode__Output = typeof ProposalMode[keyof typeof ProposalMode]
