// A primary, its replica and a Sentinel that watches them, all real: fail-over within about a second of a kill.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { startRedis, type TestRedis } from './redis.js';
import { until } from './until.js';

export interface WatchedRedis {
  /** redis+sentinel://… */
  readonly url: string;
  readonly primary: TestRedis;
  stop(): Promise<void>;
}

export async function startWatchedRedis(): Promise<WatchedRedis> {
  const primary = await startRedis();
  const port = new URL(primary.url).port;
  const replica = await startRedis(['--replicaof', '127.0.0.1', port]);
  const folder = await mkdtemp(join(tmpdir(), 'outrider-sentinel-'));
  const file = join(folder, 'sentinel.conf');
  const settings = [
    `monitor main 127.0.0.1 ${port} 1`,
    'down-after-milliseconds main 300',
    'failover-timeout main 1000',
  ];
  await writeFile(file, settings.map((line) => `sentinel ${line}\n`).join(''));
  const sentinel = await startRedis(['--sentinel'], file);
  const admin = new Redis(sentinel.url);
  await until('the Sentinel knows the replica', async () => {
    const replicas = (await admin.call('SENTINEL', 'REPLICAS', 'main')) as string[][];
    return replicas.some((fields) => fields[fields.indexOf('master-link-status') + 1] === 'ok');
  });
  admin.disconnect();
  return {
    url: `${sentinel.url.replace('redis:', 'redis+sentinel:')}/main`,
    primary,
    stop: async () => {
      await Promise.all([sentinel.stop(), replica.stop(), primary.stop()]);
      await rm(folder, { recursive: true, force: true });
    },
  };
}
