// The draft's service: what it must be able to do, and how that becomes gRPC.
import { proposeRequestFromWire, proposeResponseToWire } from '../convert/propose.js';
import type { DraftServiceHandlers } from '../generated/outrider/v1/DraftService.js';
import { protocol } from '../load.js';
import type { ModelInfo, ProposeRequest, ProposeResponse } from '../messages.js';
import { bidi, unary } from './handlers.js';
import type { RpcService } from './rpc-service.js';
import type { CallContext } from './running-call.js';

export const DRAFT_SERVICE = 'outrider.v1.DraftService';

export interface DraftHandlers {
  /** One stream a generation; one response to each request, in order. */
  propose(requests: AsyncIterable<ProposeRequest>, context: CallContext): AsyncIterable<ProposeResponse>;
  modelInfo(context: CallContext): Promise<ModelInfo>;
}

export function draftServiceHandlers(handlers: DraftHandlers): RpcService {
  return {
    name: DRAFT_SERVICE,
    definition: protocol().draft,
    bind: (scope): DraftServiceHandlers => ({
      Propose: bidi(
        scope,
        { decode: proposeRequestFromWire, encode: proposeResponseToWire },
        (requests, context) => handlers.propose(requests, context),
      ),
      GetModelInfo: unary(
        scope,
        { decode: () => undefined, encode: (info: ModelInfo) => info },
        (_, context) => handlers.modelInfo(context),
      ),
    }),
  };
}
