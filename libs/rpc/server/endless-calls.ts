// Health watches and reflection streams last until their client goes. They don't hold up a drain; they are ended after it.
import type {
  Server,
  ServiceDefinition,
  UntypedHandleCall,
  UntypedServiceImplementation,
} from '@grpc/grpc-js';

interface Endable {
  end?(): void;
  on(event: 'cancelled', listener: () => void): unknown;
}

/** Stands in for a server towards libraries that add their own services to it. */
export class EndlessCalls {
  readonly #calls = new Set<Endable>();

  constructor(private readonly server: Server) {}

  addService(definition: ServiceDefinition, implementation: UntypedServiceImplementation): void {
    const tracked: UntypedServiceImplementation = {};
    for (const [name, handler] of Object.entries(implementation)) tracked[name] = this.#tracked(handler);
    this.server.addService(definition, tracked);
  }

  end(): void {
    for (const call of this.#calls) call.end?.();
  }

  #tracked(handler: UntypedHandleCall): UntypedHandleCall {
    return (call: Endable, ...rest: unknown[]) => {
      this.#calls.add(call);
      call.on('cancelled', () => this.#calls.delete(call));
      (handler as (call: Endable, ...rest: unknown[]) => void)(call, ...rest);
    };
  }
}
