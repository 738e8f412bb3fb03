// The door of the HTTP side: a hook before anything else of a request is looked at, so that no route, known or unknown,
// is reached, and no body read, without a key. What is open is named here and nowhere else.
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { ANONYMOUS } from './api-keys.js';
import type { Authenticate } from './authenticator.js';

declare module 'fastify' {
  interface FastifyRequest {
    /** Name of the API key that was presented. */
    tenant: string;
  }
}

/** What may be opened besides the probes, which are always open: orchestrators carry no keys. */
export const OPENABLE_ROUTES = ['metrics', 'docs'] as const;
export type OpenableRoute = (typeof OPENABLE_ROUTES)[number];

export const PROBES: readonly string[] = ['/health', '/ready'];
const PATHS: Readonly<Record<OpenableRoute, RegExp>> = {
  metrics: /^\/metrics$/,
  docs: /^\/(openapi\.json|docs(\/.*)?)$/,
};

export function addAuthentication(
  fastify: FastifyInstance,
  authenticate: Authenticate,
  openRoutes: readonly OpenableRoute[],
): void {
  fastify.decorateRequest('tenant', ANONYMOUS);
  fastify.addHook('onRequest', async (request) => {
    if (isOpen(request, openRoutes)) return;
    request.tenant = authenticate((name) => headerOf(request, name));
  });
}

/** Asks the route that was matched, never the URL as it was written. */
function isOpen({ routeOptions: { url } }: FastifyRequest, openRoutes: readonly OpenableRoute[]): boolean {
  if (url === undefined) return false;
  return PROBES.includes(url) || openRoutes.some((name) => PATHS[name].test(url));
}

function headerOf({ headers }: FastifyRequest, name: string): string | undefined {
  const value = headers[name];
  return typeof value === 'string' ? value : undefined;
}
