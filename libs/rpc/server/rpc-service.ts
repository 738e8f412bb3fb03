// A service ready to be served: its name and definition, and its handlers once they are bound to a server's calls.
import type { ServiceDefinition, UntypedServiceImplementation } from '@grpc/grpc-js';
import type { CallScope } from './call-scope.js';

export interface RpcService {
  /** Full name, e.g. "outrider.v1.DraftService"; health is reported under it. */
  readonly name: string;
  readonly definition: ServiceDefinition;
  bind(scope: CallScope): UntypedServiceImplementation;
}
