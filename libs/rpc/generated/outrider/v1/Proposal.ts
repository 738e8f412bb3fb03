// Original file: proto/outrider/v1/draft.proto

import type { ProposalMode as _outrider_v1_ProposalMode, ProposalMode__Output as _outrider_v1_ProposalMode__Output } from '../../outrider/v1/ProposalMode.js';

export interface Proposal {
  'mode'?: (_outrider_v1_ProposalMode);
  'tokens'?: (number)[];
  'qIds'?: (Buffer | Uint8Array | string);
  'qProbabilities'?: (Buffer | Uint8Array | string);
  'qRowLengths'?: (number)[];
  'computeMs'?: (number | string);
  'confidences'?: (number | string)[];
  'draftedAhead'?: (number);
}

export interface Proposal__Output {
  'mode': (_outrider_v1_ProposalMode__Output);
  'tokens': (number)[];
  'qIds': (Buffer);
  'qProbabilities': (Buffer);
  'qRowLengths': (number)[];
  'computeMs': (number);
  'confidences': (number)[];
  'draftedAhead': (number);
}
