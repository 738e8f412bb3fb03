// The one exit of HTTP errors: ours, Nest's (unknown routes) and Fastify's (bodies that can't be read).
import { type ArgumentsHost, Catch, type ExceptionFilter, HttpException } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { AppError } from '#libs/errors/index.js';
import type { Logger } from '#libs/telemetry/index.js';
import { anthropicErrorBody, hasAnthropicErrors } from '../anthropic/error-body.js';
import { type ErrorBody, errorBody } from '../openai/error-body.js';
import type { Routes } from './routes.js';

const DEFAULT_RETRY_SECONDS = 1;

@Catch()
export class ErrorFilter implements ExceptionFilter {
  constructor(
    private readonly logger: Logger,
    private readonly routes: Pick<Routes, 'methodsOf'>,
  ) {}

  catch(thrown: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    const reply = http.getResponse<FastifyReply>();
    const request = http.getRequest<FastifyRequest>();
    if (reply.raw.destroyed || reply.raw.headersSent) {
      reply.hijack();
      return;
    }
    if (thrown instanceof HttpException) {
      this.#sendHttp(thrown, request, reply);
      return;
    }
    const error = AppError.from(thrown);
    if (error.code === 'internal')
      this.logger.error({ requestId: request.id, err: thrown }, 'request failed unexpectedly');
    const { http: status } = error.mapping;
    if (status === 401) reply.header('www-authenticate', 'Bearer');
    if (status === 429 || status === 503)
      reply.header('retry-after', String(Math.ceil(error.retryAfterSeconds ?? DEFAULT_RETRY_SECONDS)));
    send(errorBody(error), status, request, reply);
  }

  #sendHttp(thrown: HttpException, request: FastifyRequest, reply: FastifyReply): void {
    const { status, code, message, allow } = httpFault(thrown, request, this.routes);
    if (allow !== undefined) reply.header('allow', allow);
    const error = { message, type: 'invalid_request_error', param: null, code };
    send({ error }, status, request, reply);
  }
}

/** In the shape of the path's own clients. */
function send(body: ErrorBody, status: number, { id, url }: FastifyRequest, reply: FastifyReply): void {
  const { message } = body.error;
  reply.status(status).send(hasAnthropicErrors(url) ? anthropicErrorBody(status, message, id) : body);
}

interface HttpFault {
  readonly status: number;
  readonly code: string;
  readonly message: string;
  readonly allow?: string;
}

function httpFault(
  thrown: HttpException,
  { method, url }: FastifyRequest,
  routes: Pick<Routes, 'methodsOf'>,
): HttpFault {
  const status = thrown.getStatus();
  const path = url.split('?', 1)[0]!;
  switch (status) {
    case 404: {
      const methods = routes.methodsOf(path);
      // A route may miss a thing of its own, e.g. a file.
      if (methods.length === 0 || methods.includes(method))
        return { status, code: 'not_found', message: `There is no ${method} ${path} here.` };
      const allow = methods.join(', ');
      const message = `${path} takes ${allow}, not ${method}.`;
      return { status: 405, code: 'method_not_allowed', message, allow };
    }
    case 413:
      return {
        status,
        code: 'payload_too_large',
        message: 'The request body is too large; send a smaller one.',
      };
    case 415: {
      const message = 'The body must be JSON: send content-type application/json.';
      return { status, code: 'unsupported_media_type', message };
    }
    default:
      return { status, code: 'invalid_argument', message: `The request can't be read: ${thrown.message}.` };
  }
}
