// The routes as the server itself knows them, collected while they are registered: tells "no such path" (404) from
// "not this way" (405), and lets tests visit every one.
import type { FastifyInstance } from 'fastify';

export interface Route {
  readonly method: string;
  /** As registered, e.g. /v1/models/:id */
  readonly path: string;
}

export class Routes {
  readonly #routes: Route[] = [];

  constructor(fastify: FastifyInstance) {
    fastify.addHook('onRoute', ({ method, url }) => {
      for (const one of [method].flat()) this.#routes.push({ method: one, path: url });
    });
  }

  get all(): readonly Route[] {
    return this.#routes;
  }

  /** Methods that a path takes; empty for one that nobody registered. */
  methodsOf(path: string): readonly string[] {
    const methods = this.#routes.filter((route) => matches(route.path, path)).map(({ method }) => method);
    return [...new Set(methods)];
  }
}

/** `:name` stands for one segment, a last `*` for the rest. */
function matches(pattern: string, path: string): boolean {
  const wanted = pattern.split('/');
  const given = path.split('/');
  if (wanted.at(-1) === '*') return wanted.slice(0, -1).every((part, i) => part === given[i]);
  return (
    wanted.length === given.length && wanted.every((part, i) => part.startsWith(':') || part === given[i])
  );
}
