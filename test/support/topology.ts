// The compose file's topology by hand: Redis, drafts, verifiers and a gateway, each a process of its own that finds the
// others through Redis alone.
import {
  openSession,
  type Route,
  rankWorkers,
  type Session,
  type WorkerRecord,
} from '#libs/session/index.js';
import { ANONYMOUS } from '../../services/gateway/auth/api-keys.js';
import { sessionKey } from '../../services/gateway/generation/session-key.js';
import { realModels } from './models.js';
import { startRedis, type TestRedis } from './redis.js';
import { ServiceProcess } from './service-process.js';
import { until } from './until.js';

const MODEL = 'smollm2-135m-instruct';

export class Topology {
  readonly drafts: ServiceProcess[] = [];
  readonly verifiers: ServiceProcess[] = [];

  private constructor(
    readonly redis: TestRedis,
    readonly session: Session,
    private readonly env: NodeJS.ProcessEnv,
    readonly gateway: ServiceProcess,
  ) {}

  static async start(numDrafts: number, numVerifiers: number): Promise<Topology> {
    const { targetFolder, draftFolder } = await realModels();
    const redis = await startRedis();
    const env = {
      REDIS_URL: redis.url,
      OUTRIDER_HOST: '127.0.0.1',
      OUTRIDER_MODEL_FOLDER: targetFolder,
      OUTRIDER_DRAFT_FOLDER: draftFolder,
      OUTRIDER_VERIFIER_THREADS: '1',
      // Less than an answer takes: what runs is handed over.
      OUTRIDER_DRAIN_MS: '100',
      OUTRIDER_HTTP_PORT: '0',
      OUTRIDER_GRPC_PORT: '0',
      OUTRIDER_VERIFIER_PORT: '0',
      OUTRIDER_DRAFT_PORT: '0',
      // What was generated before would be drafted at once: little would be left to the draft under test.
      OUTRIDER_PAST_OUTPUT_BYTES: '0',
      OUTRIDER_DRAFTS: '',
      OUTRIDER_VERIFIERS: '',
    };
    const session = await openSession({ redisUrl: redis.url, now: () => performance.now() });
    const topology = new Topology(redis, session, env, await ServiceProcess.start('gateway', env));
    try {
      await Promise.all([
        ...Array.from({ length: numDrafts }, () => topology.add('draft')),
        ...Array.from({ length: numVerifiers }, () => topology.add('verifier')),
      ]);
      await topology.gatewayKnows(numDrafts, numVerifiers);
    } catch (error) {
      await topology.stop();
      throw error;
    }
    return topology;
  }

  async add(role: 'draft' | 'verifier'): Promise<ServiceProcess> {
    const service = await ServiceProcess.start(role, this.env);
    (role === 'draft' ? this.drafts : this.verifiers).push(service);
    return service;
  }

  /** Waits until the gateway's own view of the registry holds so many workers. */
  async gatewayKnows(drafts: number, verifiers: number): Promise<void> {
    await until(`the gateway knows ${drafts} drafts and ${verifiers} verifiers`, async () => {
      const response = await fetch(`${this.gateway.url}/ready`);
      const said = JSON.stringify(await response.json());
      return said.includes(`"verifiers":${verifiers}`) && said.includes(`"drafts":${drafts}`);
    });
  }

  /** Where a client's session is pinned; pins it if nobody did. */
  async routeOf(sessionId: string): Promise<Route> {
    await this.session.registry.ready();
    return this.session.router.route(keyOf(sessionId), { model: MODEL });
  }

  /** Where rendezvous hashing alone sends a session. */
  bestOf(sessionId: string): WorkerRecord {
    return rankWorkers(keyOf(sessionId), this.session.registry.workers('verifier'))[0]!;
  }

  async verifierOf(sessionId: string): Promise<ServiceProcess> {
    return at(this.verifiers, (await this.routeOf(sessionId)).verifier.endpoint);
  }

  async draftOf(sessionId: string): Promise<ServiceProcess> {
    return at(this.drafts, (await this.routeOf(sessionId)).drafts[0]?.endpoint);
  }

  async stop(): Promise<void> {
    await this.session.close();
    await this.gateway.end('SIGTERM');
    await Promise.all([...this.verifiers, ...this.drafts].map((service) => service.end('SIGTERM')));
    await this.redis.stop();
  }
}

function keyOf(sessionId: string): string {
  return sessionKey(ANONYMOUS, MODEL, { kind: 'chat', messages: [] }, [], sessionId);
}

function at(services: readonly ServiceProcess[], endpoint: string | undefined): ServiceProcess {
  const found = services.find((service) => service.endpoint === endpoint);
  if (found === undefined) throw new Error(`The registry names ${endpoint}, which is no process of ours.`);
  return found;
}
