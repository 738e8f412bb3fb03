// The three services as real processes on free ports, with the real models, for tests and the bench.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ModelFolders } from '../../cli/models.js';
import { type DraftPlace, type Stack, startStack } from '../../cli/stack.js';
import { freePorts } from './free-ports.js';
import { realModels } from './models.js';

export interface TestStack extends Stack {
  readonly draftEndpoint: string;
  /** Where the workers show /metrics, /health and /ready. */
  readonly probes: Readonly<Record<'verifier' | 'draft', string>>;
  /** Names of services that died and were restarted. */
  readonly restarts: readonly string[];
}

type SixPorts = [number, number, number, number, number, number];

/**
 * @param folders Other models than the real pair.
 * @param draftIn By default the draft is a process, which a test can watch and kill.
 */
export async function startTestStack(
  env: NodeJS.ProcessEnv = {},
  folders: Partial<ModelFolders> = {},
  draftIn: DraftPlace = 'process',
): Promise<TestStack> {
  const home = await mkdtemp(join(tmpdir(), 'outrider-test-'));
  const [http, grpc, verifier, draft, verifierProbe, draftProbe] = (await freePorts(6)) as SixPorts;
  const restarts: string[] = [];
  const stack = await startStack(
    {
      home,
      ...(await realModels()),
      ...folders,
      draftIn,
      ports: { http, grpc, verifier, draft },
      env: {
        ...process.env,
        OUTRIDER_LOG_LEVEL: 'warn',
        OUTRIDER_VERIFIER_METRICS_PORT: String(verifierProbe),
        OUTRIDER_DRAFT_METRICS_PORT: String(draftProbe),
        ...env,
      },
      onRestart: (name) => restarts.push(name),
      maxRestartDelayMs: 0,
    },
    AbortSignal.timeout(120_000),
  );
  return {
    ...stack,
    draftEndpoint: `127.0.0.1:${draft}`,
    probes: { verifier: `http://127.0.0.1:${verifierProbe}`, draft: `http://127.0.0.1:${draftProbe}` },
    restarts,
    stop: async () => {
      await stack.stop();
      await rm(home, { recursive: true, force: true });
    },
  };
}
