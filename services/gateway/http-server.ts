// The HTTP side: Nest on Fastify, with our limits, parsers and headers.
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import { type AppParts, appModule } from './app.module.js';
import { OpenAnswers } from './open-answers.js';
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
  /** Stops listening; connections in use have `graceMs` to send what is written already. */
  close(graceMs: number): Promise<void>;
}

/** Throws when the address can't be bound. */
export async function startHttpServer(parts: AppParts, options: HttpServerOptions): Promise<HttpServer> {
  const adapter = new FastifyAdapter({
    bodyLimit: options.maxBodyBytes,
    requestTimeout: REQUEST_TIMEOUT_MS,
    forceCloseConnections: 'idle',
    routerOptions: { maxParamLength: MAX_PATH_PARAMETER_LENGTH },
    genReqId: requestId,
    frameworkErrors: answerBadUrl,
  });
  const fastify = adapter.getInstance();
  // JSON is the only body we read; anything else is a 415.
  fastify.removeContentTypeParser('text/plain');
  addResponseHeaders(fastify);
  const answers = new OpenAnswers(fastify);
  const app = await NestFactory.create<NestFastifyApplication>(appModule(parts), adapter, {
    logger: false,
    bodyParser: false,
    abortOnError: false,
  });
  await app.listen(options.port, options.host);
  const server: Server = app.getHttpServer();
  const close = async (graceMs: number) => {
    const closed = app.close();
    await answers.ended(graceMs);
    server.closeAllConnections();
    await closed;
  };
  return { port: (server.address() as AddressInfo).port, close };
}

/** URLs that Fastify can't even route never reach Nest's filter. */
function answerBadUrl(_error: FastifyError, _request: FastifyRequest, reply: FastifyReply): void {
  const message = "The request's URL can't be read.";
  const error = { message, type: 'invalid_request_error', param: null, code: 'invalid_argument' };
  reply.status(400).send({ error });
}
