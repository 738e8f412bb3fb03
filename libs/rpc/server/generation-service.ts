// The gateway's public service: text in, text out.
import { textRequestFromWire, textResponseToWire } from '../convert/generation.js';
import type { GenerationServiceHandlers } from '../generated/outrider/v1/GenerationService.js';
import { protocol } from '../load.js';
import type { GenerateTextRequest, GenerateTextResponse } from '../messages.js';
import { serverStream } from './handlers.js';
import type { RpcService } from './rpc-service.js';
import type { CallContext } from './running-call.js';

export const GENERATION_SERVICE = 'outrider.v1.GenerationService';

export interface GenerationHandlers {
  generate(request: GenerateTextRequest, context: CallContext): AsyncIterable<GenerateTextResponse>;
}

export function generationServiceHandlers(handlers: GenerationHandlers): RpcService {
  return {
    name: GENERATION_SERVICE,
    definition: protocol().generation,
    bind: (scope): GenerationServiceHandlers => ({
      Generate: serverStream(
        scope,
        { decode: textRequestFromWire, encode: textResponseToWire },
        (request, context) => handlers.generate(request, context),
      ),
    }),
  };
}
