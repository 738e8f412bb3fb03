// The gateway's end: not ready any more, running answers finish or are cut off, then everything closes.
import { type ChannelPool, GENERATION_SERVICE, type RpcServer } from '#libs/rpc/index.js';
import type { Session } from '#libs/session/index.js';
import type { RunningRequests } from './generation/running-requests.js';
import type { HttpServer } from './http/http-server.js';
import type { Journals } from './idempotency/journals.js';

/** For the ends of finished answers to reach their clients. */
const FLUSH_MS = 1_000;

interface Open {
  readonly http: HttpServer;
  readonly grpc: RpcServer;
  readonly running: RunningRequests;
  readonly pool: ChannelPool;
  readonly session: Session;
  readonly journals: Journals;
}

/** @param timeoutMs For running answers to finish. */
export async function shutDown(open: Open, timeoutMs: number): Promise<void> {
  const { http, grpc, running, pool, session, journals } = open;
  grpc.setServing(GENERATION_SERVICE, false);
  await running.drain(timeoutMs);
  // The last bytes are still on their way out.
  await Promise.all([grpc.drain(FLUSH_MS), http.close(FLUSH_MS)]);
  pool.close();
  await journals.close();
  await session.close();
}
