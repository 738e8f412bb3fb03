// Original file: proto/outrider/v1/draft.proto

import type { Proposal as _outrider_v1_Proposal, Proposal__Output as _outrider_v1_Proposal__Output } from '../../outrider/v1/Proposal.js';
import type { SessionLost as _outrider_v1_SessionLost, SessionLost__Output as _outrider_v1_SessionLost__Output } from '../../outrider/v1/SessionLost.js';
import type { Long } from '@grpc/proto-loader';

export interface ProposeResponse {
  'round'?: (number | string | Long);
  'proposal'?: (_outrider_v1_Proposal | null);
  'sessionLost'?: (_outrider_v1_SessionLost | null);
  'outcome'?: "proposal"|"sessionLost";
}

export interface ProposeResponse__Output {
  'round': (string);
  'proposal'?: (_outrider_v1_Proposal__Output | null);
  'sessionLost'?: (_outrider_v1_SessionLost__Output | null);
  'outcome'?: "proposal"|"sessionLost";
}
