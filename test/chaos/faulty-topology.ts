// Two drafts, two verifiers, Redis and a gateway, real processes with real weights; between each of them and its callers a
// link that can be made to misbehave. Workers register the link's address, so that everybody goes through it.
import { openSession, type Session } from '#libs/session/index.js';
import { ANONYMOUS } from '../../services/gateway/auth/api-keys.js';
import { sessionKey } from '../../services/gateway/generation/session-key.js';
import { freePorts } from '../support/free-ports.js';
import { realModels } from '../support/models.js';
import { startRedis, type TestRedis } from '../support/redis.js';
import { ServiceProcess } from '../support/service-process.js';
import { TcpProxy } from '../support/tcp-proxy.js';
import { until } from '../support/until.js';

const MODEL = 'smollm2-135m-instruct';

export interface LinkedWorker {
  readonly role: 'draft' | 'verifier';
  readonly process: ServiceProcess;
  readonly link: TcpProxy;
}

export class FaultyTopology {
  readonly #workers: LinkedWorker[] = [];

  private constructor(
    readonly redis: TestRedis,
    readonly redisLink: TcpProxy,
    /** Past the links: sees the truth. */
    private readonly session: Session,
    private readonly env: NodeJS.ProcessEnv,
    readonly gateway: ServiceProcess,
    private readonly random: () => number,
  ) {}

  static async start(random: () => number): Promise<FaultyTopology> {
    const { targetFolder, draftFolder } = await realModels();
    const redis = await startRedis();
    const redisLink = await TcpProxy.start(Number(new URL(redis.url).port), random);
    const env = {
      REDIS_URL: `redis://${redisLink.endpoint}`,
      OUTRIDER_HOST: '127.0.0.1',
      OUTRIDER_MODEL_FOLDER: targetFolder,
      OUTRIDER_DRAFT_FOLDER: draftFolder,
      // What was generated before would be drafted at once: little would be left to the draft under test.
      OUTRIDER_PAST_OUTPUT_BYTES: '0',
      OUTRIDER_VERIFIER_THREADS: '1',
      // Less than the rest of an answer takes: who is told to end hands over.
      OUTRIDER_DRAIN_MS: '100',
      OUTRIDER_HTTP_PORT: '0',
      OUTRIDER_GRPC_PORT: '0',
    };
    const session = await openSession({ redisUrl: redis.url, now: () => performance.now() });
    const gateway = await ServiceProcess.start('gateway', env);
    const topology = new FaultyTopology(redis, redisLink, session, env, gateway, random);
    await topology.heal();
    return topology;
  }

  /** Where the session is pinned; pins it if nobody did. */
  async workerOf(sessionId: string, role: 'draft' | 'verifier'): Promise<LinkedWorker> {
    const key = sessionKey(ANONYMOUS, MODEL, { kind: 'chat', messages: [] }, [], sessionId);
    const { verifier, drafts } = await this.session.router.route(key, { model: MODEL });
    const endpoint = role === 'verifier' ? verifier.endpoint : drafts[0]?.endpoint;
    const worker = this.#workers.find(({ link }) => link.endpoint === endpoint);
    if (worker === undefined) throw new Error(`The registry names ${endpoint}, which is no ${role} of ours.`);
    return worker;
  }

  /** Everything as it should be: two of each alive, all links sound, and the gateway knows. */
  async heal(): Promise<void> {
    this.redisLink.set(undefined);
    this.redis.thaw();
    if (!this.redis.isRunning) await this.redis.restart();
    for (const { process, link } of this.#workers) {
      link.set(undefined);
      process.thaw();
    }
    for (const worker of this.#workers.filter(({ process }) => !process.isRunning)) {
      await worker.link.stop();
      this.#workers.splice(this.#workers.indexOf(worker), 1);
    }
    for (const role of ['draft', 'verifier'] as const)
      while (this.#workers.filter((worker) => worker.role === role).length < 2) await this.#add(role);
    await until(
      'gateway and registry know two of each',
      async () => {
        const said = JSON.stringify(await (await fetch(`${this.gateway.url}/ready`)).json());
        const known = (role: 'draft' | 'verifier') => this.session.registry.workers(role).length;
        return (
          /"verifiers":2\b/.test(said) &&
          /"drafts":2\b/.test(said) &&
          known('draft') + known('verifier') === 4
        );
      },
      60_000,
    );
  }

  async stop(): Promise<void> {
    await this.session.close();
    const processes = [this.gateway, ...this.#workers.map(({ process }) => process)];
    for (const process of processes) process.thaw();
    await Promise.all(processes.map((process) => process.end('SIGKILL')));
    await Promise.all([this.redisLink, ...this.#workers.map(({ link }) => link)].map((link) => link.stop()));
    await this.redis.stop();
  }

  async #add(role: 'draft' | 'verifier'): Promise<void> {
    const [port] = (await freePorts(1)) as [number];
    const link = await TcpProxy.start(port, this.random);
    const env = {
      ...this.env,
      [`OUTRIDER_${role.toUpperCase()}_PORT`]: String(port),
      OUTRIDER_ADVERTISE: link.endpoint,
    };
    this.#workers.push({ role, link, process: await ServiceProcess.start(role, env) });
  }
}
