// The draft's service: what it must be able to do, and how that becomes gRPC.
import { AppError } from '#libs/errors/index.js';
import { proposeRequestFromWire, proposeResponseToWire } from '../convert/propose.js';
import { modelInfoToWire } from '../convert/sampling.js';
import { tokenizerPieceToWire } from '../convert/tokenizer.js';
import type { DraftServiceHandlers } from '../generated/outrider/v1/DraftService.js';
import { protocol } from '../load.js';
import type { ModelInfo, ProposeRequest, ProposeResponse, TokenizerPiece } from '../messages.js';
import { bidi, serverStream, unary } from './handlers.js';
import type { RpcService } from './rpc-service.js';
import type { CallContext } from './running-call.js';

export const DRAFT_SERVICE = 'outrider.v1.DraftService';

export interface DraftHandlers {
  /** One stream a generation; one response to each request, in order. */
  propose(requests: AsyncIterable<ProposeRequest>, context: CallContext): AsyncIterable<ProposeResponse>;
  modelInfo(context: CallContext): Promise<ModelInfo>;
  /** Undefined: the draft has no tokenizer of its own. */
  readonly tokenizer?: ((context: CallContext) => AsyncIterable<TokenizerPiece>) | undefined;
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
      GetModelInfo: unary(scope, { decode: () => undefined, encode: modelInfoToWire }, (_, context) =>
        handlers.modelInfo(context),
      ),
      GetTokenizer: serverStream(
        scope,
        { decode: () => undefined, encode: tokenizerPieceToWire },
        (_, context) => (handlers.tokenizer ?? noTokenizer)(context),
      ),
    }),
  };
}

function noTokenizer(): never {
  throw new AppError('not_found', "This draft has no tokenizer of its own: it shares its target's.");
}
