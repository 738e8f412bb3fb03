// Two drafts, two verifiers, Redis and two gateways, real processes with real weights; between each of them and its callers a
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
  /** Where its /metrics are. */
  readonly probe: string;
}

export class FaultyTopology {
  readonly #workers: LinkedWorker[] = [];

  private constructor(
    readonly redis: TestRedis,
    readonly redisLink: TcpProxy,
    /** Past the links: sees the truth. */
    private readonly session: Session,
    private readonly env: NodeJS.ProcessEnv,
    /** Clients ask the first; the others are for their retries. */
    readonly gateways: ServiceProcess[],
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
      OUTRIDER_HTTP_PORT: '0',
      OUTRIDER_GRPC_PORT: '0',
      OUTRIDER_IDEMPOTENCY_LEASE_MS: '1000',
    };
    const session = await openSession({ redisUrl: redis.url, now: () => performance.now() });
    const topology = new FaultyTopology(redis, redisLink, session, env, [], random);
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
    for (const gateway of this.gateways) gateway.thaw();
    for (const worker of this.#workers.filter(({ process }) => !process.isRunning)) {
      await worker.link.stop();
      this.#workers.splice(this.#workers.indexOf(worker), 1);
    }
    for (const role of ['draft', 'verifier'] as const)
      while (this.#workers.filter((worker) => worker.role === role).length < 2) await this.#add(role);
    for (const [i, gateway] of this.gateways.entries())
      if (!gateway.isRunning) this.gateways.splice(i, 1, await ServiceProcess.start('gateway', this.env));
    while (this.gateways.length < 2) this.gateways.push(await ServiceProcess.start('gateway', this.env));
    await until(
      'gateways and registry know two of each',
      async () => {
        const ready = this.gateways.map(async ({ url }) => (await fetch(`${url}/ready`)).text());
        const said = await Promise.all(ready);
        const known = (role: 'draft' | 'verifier') => this.session.registry.workers(role).length;
        return (
          said.every((text) => /"verifiers":2\b/.test(text) && /"drafts":2\b/.test(text)) &&
          known('draft') + known('verifier') === 4
        );
      },
      60_000,
    );
  }

  /** Tokens that the verifiers have committed since they were started. */
  async generatedTokens(): Promise<number> {
    const verifiers = this.#workers.filter(({ role }) => role === 'verifier');
    const counts = verifiers.map(async ({ probe }) => {
      const metrics = await (await fetch(probe)).text();
      return Number(/^outrider_generation_tokens_total (\d+)$/m.exec(metrics)![1]);
    });
    return (await Promise.all(counts)).reduce((sum, count) => sum + count, 0);
  }

  async stop(): Promise<void> {
    await this.session.close();
    const processes = [...this.gateways, ...this.#workers.map(({ process }) => process)];
    for (const process of processes) process.thaw();
    await Promise.all(processes.map((process) => process.end('SIGKILL')));
    await Promise.all([this.redisLink, ...this.#workers.map(({ link }) => link)].map((link) => link.stop()));
    await this.redis.stop();
  }

  async #add(role: 'draft' | 'verifier'): Promise<void> {
    const [port, probePort] = (await freePorts(2)) as [number, number];
    const link = await TcpProxy.start(port, this.random);
    const env = {
      ...this.env,
      [`OUTRIDER_${role.toUpperCase()}_PORT`]: String(port),
      [`OUTRIDER_${role.toUpperCase()}_METRICS_PORT`]: String(probePort),
      OUTRIDER_ADVERTISE: link.endpoint,
    };
    const process = await ServiceProcess.start(role, env);
    this.#workers.push({ role, link, process, probe: `http://127.0.0.1:${probePort}/metrics` });
  }
}
