// The one exit of HTTP errors: ours, Nest's (unknown routes) and Fastify's (bodies that can't be read).
import { type ArgumentsHost, Catch, type ExceptionFilter, HttpException } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { AppError } from '#libs/errors/index.js';
import type { Logger } from '#libs/telemetry/index.js';
import { allowedMethods } from './allowed-methods.js';
import { type ErrorBody, errorBody } from './error-body.js';

const DEFAULT_RETRY_SECONDS = 1;

@Catch()
export class ErrorFilter implements ExceptionFilter {
  constructor(private readonly logger: Logger) {}

  catch(thrown: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    const reply = http.getResponse<FastifyReply>();
    const request = http.getRequest<FastifyRequest>();
    if (reply.raw.destroyed || reply.raw.headersSent) return void reply.hijack();
    if (thrown instanceof HttpException) return this.#sendHttp(thrown, request, reply);
    const error = AppError.from(thrown);
    if (error.code === 'internal')
      this.logger.error({ requestId: request.id, err: thrown }, 'request failed unexpectedly');
    const { http: status } = error.mapping;
    if (status === 429 || status === 503)
      reply.header('retry-after', String(Math.ceil(error.retryAfterSeconds ?? DEFAULT_RETRY_SECONDS)));
    reply.status(status).send(errorBody(error));
  }

  #sendHttp(thrown: HttpException, request: FastifyRequest, reply: FastifyReply): void {
    const status = thrown.getStatus();
    const path = request.url.split('?', 1)[0]!;
    if (status === 404) {
      const allowed = allowedMethods(path);
      if (allowed === undefined) return send(reply, 404, 'not_found', `There is no ${request.method} ${path} here.`);
      reply.header('allow', allowed.join(', '));
      return send(reply, 405, 'method_not_allowed', `${path} takes ${allowed.join(', ')}, not ${request.method}.`);
    }
    if (status === 413) return send(reply, 413, 'payload_too_large', 'The request body is too large; send a smaller one.');
    if (status === 415)
      return send(reply, 415, 'unsupported_media_type', 'The body must be JSON: send content-type application/json.');
    send(reply, status, 'invalid_argument', `The request can't be read: ${thrown.message}`);
  }
}

function send(reply: FastifyReply, status: number, code: string, message: string): void {
  const body: ErrorBody = { error: { message, type: 'invalid_request_error', param: null, code } };
  reply.status(status).send(body);
}
