// The HTTP side: Nest on Fastify, with our limits, parsers and headers.
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import { type AppParts, appModule, CONTROLLERS } from '../app.module.js';
import { addAuthentication, type OpenableRoute } from '../auth/authentication.js';
import type { Authenticate } from '../auth/authenticator.js';
import { addDocsPage } from '../openapi/docs-page.js';
import { openApiDocument } from '../openapi/open-api-document.js';
import { addCors } from './cors.js';
import type { EvenStreamSettings } from './even-stream.js';
import { addJsonParser } from './json-parser.js';
import { OpenAnswers } from './open-answers.js';
import { addResponseHeaders, requestId } from './response-headers.js';
import { type Route, Routes } from './routes.js';
import { addSlowReaders } from './slow-readers.js';

/** For a whole request to arrive; answers may take as long as they need. */
const REQUEST_TIMEOUT_MS = 60_000;
const MAX_PATH_PARAMETER_LENGTH = 256;

export interface HttpServerOptions {
  readonly host: string;
  /** 0 picks a free one. */
  readonly port: number;
  readonly maxBodyBytes: number;
  readonly authenticate: Authenticate;
  readonly openRoutes: readonly OpenableRoute[];
  /** Whose pages may ask. */
  readonly corsOrigins: readonly string[];
  readonly slowReaderMs: number;
  readonly evenStream?: EvenStreamSettings | undefined;
}

export interface HttpServer {
  readonly port: number;
  readonly routes: readonly Route[];
  /** Answers not yet handed to the operating system. */
  readonly openAnswers: () => number;
  /** Stops listening; connections in use have `graceMs` to send what is written already. */
  close(graceMs: number): Promise<void>;
}

/** Throws when the address can't be bound. */
export async function startHttpServer(
  parts: Omit<AppParts, 'routes' | 'document'>,
  options: HttpServerOptions,
): Promise<HttpServer> {
  const adapter = new FastifyAdapter({
    bodyLimit: options.maxBodyBytes,
    requestTimeout: REQUEST_TIMEOUT_MS,
    forceCloseConnections: 'idle',
    routerOptions: { maxParamLength: MAX_PATH_PARAMETER_LENGTH },
    genReqId: requestId,
    frameworkErrors: answerBadUrl,
  });
  const fastify = adapter.getInstance();
  addJsonParser(fastify);
  const routes = new Routes(fastify);
  addResponseHeaders(fastify);
  const answers = new OpenAnswers(fastify);
  addSlowReaders(fastify, options.slowReaderMs);
  fastify.decorate('evenStream', options.evenStream);
  // Before authentication: a browser's preflight carries no key.
  addCors(fastify, options.corsOrigins);
  addAuthentication(fastify, options.authenticate, options.openRoutes);
  const document = openApiDocument(CONTROLLERS, parts.servedModel.name);
  const app = await NestFactory.create<NestFastifyApplication>(
    appModule({ ...parts, routes, document }),
    adapter,
    {
      logger: false,
      bodyParser: false,
      abortOnError: false,
    },
  );
  await app.init();
  // After Nest has set its error handler: a scope keeps the one that it was born with.
  await addDocsPage(fastify, document);
  await app.listen(options.port, options.host);
  const server: Server = app.getHttpServer();
  const close = async (graceMs: number) => {
    const closed = app.close();
    await answers.ended(graceMs);
    server.closeAllConnections();
    await closed;
  };
  return {
    port: (server.address() as AddressInfo).port,
    routes: routes.all,
    openAnswers: () => answers.count,
    close,
  };
}

/** URLs that Fastify can't even route never reach Nest's filter. */
function answerBadUrl(_error: FastifyError, _request: FastifyRequest, reply: FastifyReply): void {
  const message = "The request's URL can't be read.";
  const error = { message, type: 'invalid_request_error', param: null, code: 'invalid_argument' };
  reply.status(400).send({ error });
}
