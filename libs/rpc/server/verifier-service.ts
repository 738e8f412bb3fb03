// The verifier's service: what it must be able to do, and how that becomes gRPC.
import { generateRequestFromWire, generateResponseToWire } from '../convert/generate.js';
import { modelInfoToWire } from '../convert/sampling.js';
import type { VerifierServiceHandlers } from '../generated/outrider/v1/VerifierService.js';
import { protocol } from '../load.js';
import type { GenerateRequest, GenerateResponse, ModelInfo } from '../messages.js';
import { serverStream, unary } from './handlers.js';
import type { RpcService } from './rpc-service.js';
import type { CallContext } from './running-call.js';

export const VERIFIER_SERVICE = 'outrider.v1.VerifierService';

export interface VerifierHandlers {
  /** One response a round. */
  generate(request: GenerateRequest, context: CallContext): AsyncIterable<GenerateResponse>;
  modelInfo(context: CallContext): Promise<ModelInfo>;
}

export function verifierServiceHandlers(handlers: VerifierHandlers): RpcService {
  return {
    name: VERIFIER_SERVICE,
    definition: protocol().verifier,
    bind: (scope): VerifierServiceHandlers => ({
      Generate: serverStream(
        scope,
        { decode: generateRequestFromWire, encode: generateResponseToWire },
        (request, context) => handlers.generate(request, context),
      ),
      GetModelInfo: unary(scope, { decode: () => undefined, encode: modelInfoToWire }, (_, context) =>
        handlers.modelInfo(context),
      ),
    }),
  };
}
