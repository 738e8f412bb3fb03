// GET /docs: the API document as a page to browse and try. All of it is served from here; the policy keeps the page from
// loading or sending anything elsewhere.
import fastifySwaggerUi, { type FastifySwaggerUiOptions } from '@fastify/swagger-ui';
import type { FastifyInstance } from 'fastify';
import type { OpenApiDocument } from './open-api-document.js';

const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  // The page sets style attributes.
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "font-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** The plugin is asynchronous, whatever its types say; called as a function, it doesn't ask for @fastify/swagger. */
const swaggerUi = fastifySwaggerUi as unknown as (
  scope: FastifyInstance,
  options: FastifySwaggerUiOptions,
) => Promise<void>;

export async function addDocsPage(fastify: FastifyInstance, document: OpenApiDocument): Promise<void> {
  await fastify.register(async (scope) => {
    // JSON is YAML, too.
    const swagger = (options?: { yaml?: boolean }) => (options?.yaml ? JSON.stringify(document) : document);
    scope.decorate('swagger', swagger as never);
    await swaggerUi(scope, {
      routePrefix: '/docs',
      staticCSP: CONTENT_SECURITY_POLICY,
      theme: { title: 'Outrider API' },
      uiConfig: { tryItOutEnabled: true },
    });
  });
}
