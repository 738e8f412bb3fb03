// The API document, OpenAPI 3.1: made from the controllers and the schemas that they check with, never written by hand.
// Format: spec.openapis.org/oas/v3.1.0
import type { Type } from '@nestjs/common';
import { anthropicError } from '../anthropic/answer-schemas.js';
import { PROBES } from '../auth/authentication.js';
import { IDEMPOTENCY_KEY } from '../idempotency/request-key.js';
import { errorAnswer } from '../openai/answer-schemas.js';
import { componentOf, type JsonSchema } from './component.js';
import { type Operation, operationsOf } from './operation.js';

export interface OpenApiDocument {
  readonly openapi: '3.1.0';
  readonly info: { readonly title: string; readonly version: string; readonly description: string };
  readonly paths: Readonly<Record<string, Readonly<Record<string, object>>>>;
  readonly components: Readonly<Record<string, Readonly<Record<string, object>>>>;
  readonly security: readonly object[];
}

/** Marks the failures that have Anthropic's shape. */
const ANTHROPIC = 'anthropic-';

const DESCRIPTION = `A distributed speculative-decoding server with OpenAI's API. Keys are needed only where the operator
has set some. Fields of a body that are not listed are ignored and named in the header x-outrider-ignored-fields.`;

const ERRORS: Readonly<Record<string, string>> = {
  400: 'The request is malformed, out of range or too long for the model.',
  401: 'No API key, or a wrong one.',
  404: 'No such model or path.',
  429: 'Your limit is reached: try again after retry-after seconds.',
  503: 'No capacity now: try again after retry-after seconds.',
  default: 'Any other failure.',
};

/** @param model the served model's name, for examples. */
export function openApiDocument(controllers: readonly Type[], model: string): OpenApiDocument {
  const schemas: Record<string, JsonSchema> = {
    Error: componentOf('Error', errorAnswer, 'output'),
    AnthropicError: componentOf('AnthropicError', anthropicError, 'output'),
  };
  const paths: Record<string, Record<string, object>> = {};
  for (const operation of operationsOf(controllers)) {
    paths[operation.path] ??= {};
    paths[operation.path]![operation.method] = describe(operation, schemas, model);
  }
  return {
    openapi: '3.1.0',
    info: { title: 'Outrider', version: '1', description: DESCRIPTION },
    paths,
    components: {
      schemas,
      responses: { ...failures('', 'Error'), ...failures(ANTHROPIC, 'AnthropicError') },
      securitySchemes: {
        bearer: { type: 'http', scheme: 'bearer' },
        apiKey: { type: 'apiKey', in: 'header', name: 'x-api-key' },
      },
    },
    security: [{ bearer: [] }, { apiKey: [] }],
  };
}

function describe(operation: Operation, schemas: Record<string, JsonSchema>, model: string): object {
  const { path, method, body, description, pathParameters, headers } = operation;
  const { name, summary, tag, answer, chunk, mediaType = 'application/json', example } = description;
  const refTo = (schemaName: string, schema: typeof answer, io: 'input' | 'output') => {
    if (Object.hasOwn(schemas, schemaName)) throw new Error(`Two routes are named ${schemaName}.`);
    schemas[schemaName] = componentOf(schemaName, schema, io);
    return { $ref: `#/components/schemas/${schemaName}` };
  };
  const content = {
    [mediaType]: { schema: refTo(name, answer, 'output') },
    ...(chunk && { 'text/event-stream': { schema: refTo(`${name}Chunk`, chunk, 'output') } }),
  };
  return {
    operationId: `${method}${name}`,
    summary,
    tags: [tag],
    ...(PROBES.includes(path) && { security: [] }),
    parameters: [
      ...pathParameters.map((parameter) => parameterOf(parameter, 'path')),
      ...headers.map((header) => parameterOf(header, 'header')),
      // Whatever can be streamed is generated, and read by one place for all routes.
      ...(chunk ? [parameterOf(IDEMPOTENCY_KEY, 'header')] : []),
    ],
    ...(body && {
      requestBody: {
        required: true,
        content: {
          'application/json': {
            schema: refTo(`${name}Request`, body, 'input'),
            ...(example && { example: example(model) }),
          },
        },
      },
    }),
    responses: { 200: { description: 'The answer.', content }, ...failuresOf(operation) },
  };
}

function failuresOf({ body, path, description }: Operation): Record<string, object> {
  const statuses =
    body !== undefined ? Object.keys(ERRORS) : PROBES.includes(path) ? ['503'] : ['401', 'default'];
  const prefix = description.tag === 'Anthropic' ? ANTHROPIC : '';
  const refTo = (status: string) => ({ $ref: `#/components/responses/${prefix}${status}` });
  return Object.fromEntries(statuses.map((status) => [status, refTo(status)]));
}

function failures(prefix: string, schemaName: string): Record<string, object> {
  const content = { 'application/json': { schema: { $ref: `#/components/schemas/${schemaName}` } } };
  const responses = Object.entries(ERRORS).map(([status, description]) => [
    `${prefix}${status}`,
    { description, content },
  ]);
  return Object.fromEntries(responses) as Record<string, object>;
}

function parameterOf(name: string, place: 'path' | 'header'): object {
  return { name, in: place, required: place === 'path', schema: { type: 'string' } };
}
