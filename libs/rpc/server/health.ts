// grpc.health.v1 for a fixed set of services; '' stands for the whole server and serves when all of them do.
import { HealthImplementation, type ServingStatusMap } from 'grpc-health-check';
import { AppError } from '#libs/errors/index.js';

type HealthServer = Parameters<HealthImplementation['addToServer']>[0];

export class Health {
  readonly #serving: Map<string, boolean>;
  readonly #implementation: HealthImplementation;

  constructor(services: readonly string[], serving: boolean) {
    this.#serving = new Map(services.map((service) => [service, serving]));
    const statuses: ServingStatusMap = {};
    for (const service of ['', ...services]) statuses[service] = serving ? 'SERVING' : 'NOT_SERVING';
    this.#implementation = new HealthImplementation(statuses);
  }

  addTo(server: Pick<HealthServer, 'addService'>): void {
    this.#implementation.addToServer(server);
  }

  /** @param service a name given to the constructor, or '' for all of them. */
  set(service: string, serving: boolean): void {
    const services = service === '' ? [...this.#serving.keys()] : [service];
    for (const name of services) {
      if (!this.#serving.has(name))
        throw new AppError('invalid_argument', `No service ${name} is served here.`);
      this.#serving.set(name, serving);
      this.#implementation.setStatus(name, serving ? 'SERVING' : 'NOT_SERVING');
    }
    const all = [...this.#serving.values()].every((value) => value);
    this.#implementation.setStatus('', all ? 'SERVING' : 'NOT_SERVING');
  }
}
