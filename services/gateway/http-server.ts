// The HTTP side: Nest on Fastify, with our limits, parsers and headers.
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import { type AppParts, AppModule } from './app.module.js';
import { addResponseHeaders, requestId } from './openai/response-headers.js';

/** For a whole request to arrive; answers may take as long as they need. */
const REQUEST_TIMEOUT_MS = 60_000;
const MAX_PATH_PARAMETER_LENGTH = 256;

export interface HttpServerOptions {
  readonly host: string;
  /** 0 picks a free one. */
  readonly port: number;
  readonly maxBodyBytes: number;
}

export interface HttpServer {
  readonly port: number;
  /** Closes at once: connections in use are cut. */
  close(): Promise<void>;
}

/** Throws when the address can't be bound. */
export async function startHttpServer(parts: AppParts, options: HttpServerOptions): Promise<HttpServer> {
  const adapter = new FastifyAdapter({
    bodyLimit: options.maxBodyBytes,
    requestTimeout: REQUEST_TIMEOUT_MS,
    forceCloseConnections: true,
    routerOptions: { maxParamLength: MAX_PATH_PARAMETER_LENGTH },
    genReqId: requestId,
    frameworkErrors: answerBadUrl,
  });
  const fastify = adapter.getInstance();
  // JSON is the only body we read; anything else is a 415.
  fastify.removeContentTypeParser('text/plain');
  addResponseHeaders(fastify);
  const app = await NestFactory.create<NestFastifyApplication>(AppModule.of(parts), adapter, {
    logger: false,
    bodyParser: false,
    abortOnError: false,
  });
  await app.listen(options.port, options.host);
  const address = app.getHttpServer().address();
  return { port: typeof address === 'object' && address !== null ? address.port : options.port, close: () => app.close() };
}

/** URLs that Fastify can't even route never reach Nest's filter. */
function answerBadUrl(_error: FastifyError, _request: FastifyRequest, reply: FastifyReply): void {
  const message = "The request's URL can't be read.";
  const error = { message, type: 'invalid_request_error', param: null, code: 'invalid_argument' };
  reply.status(400).send({ error });
}
