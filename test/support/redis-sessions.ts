// Sessions of several "processes" on one Redis, in namespaces of their own, with heartbeats fast enough for tests.
import { Redis } from 'ioredis';
import { openSession, type Session, type SessionOptions } from '#libs/session/index.js';

export const FAST = { ttlMs: 1200, heartbeatMs: 100, refreshMs: 50 };

let numNamespaces = 0;
export const freshNamespace = () => `test-${++numNamespaces}`;

export function open(
  redisUrl: string,
  namespace: string,
  overrides: Partial<SessionOptions> = {},
): Promise<Session> {
  return openSession({ redisUrl, now: () => performance.now(), redis: { ...FAST, namespace }, ...overrides });
}

export interface Sessions {
  /** Each on connections of its own. */
  readonly sessions: readonly Session[];
  readonly namespace: string;
  /** "part true" or "part false", as the first session tells them. */
  readonly events: readonly string[];
}

/** Closes the sessions after the body, even if Redis is gone by then. */
export async function withSessions(
  redisUrl: string,
  count: number,
  body: (sessions: Sessions) => Promise<void>,
): Promise<void> {
  const namespace = freshNamespace();
  const events: string[] = [];
  const onDegraded = (part: string, degraded: boolean) => void events.push(`${part} ${degraded}`);
  const sessions = await Promise.all(
    Array.from({ length: count }, (_, i) => open(redisUrl, namespace, i === 0 ? { onDegraded } : {})),
  );
  try {
    await body({ sessions, namespace, events });
  } finally {
    await Promise.all(sessions.map((session) => session.close()));
  }
}

/** A plain connection, to look at keys and to break things. */
export async function withAdmin<T>(redisUrl: string, body: (admin: Redis) => Promise<T>): Promise<T> {
  const admin = new Redis(redisUrl);
  try {
    return await body(admin);
  } finally {
    admin.disconnect();
  }
}
