// Reads from the controllers' own decorators which requests they take, and with what schema a body is checked.

import { RequestMethod, type Type } from '@nestjs/common';
import { METHOD_METADATA, PATH_METADATA, ROUTE_ARGS_METADATA } from '@nestjs/common/constants.js';
import { RouteParamtypes } from '@nestjs/common/internal';
import type { z } from 'zod';
import { AppError } from '#libs/errors/index.js';
import { BodyPipe } from '../http/body.pipe.js';
import { descriptionOf, type RouteDescription } from './describe-route.js';

export interface Operation {
  readonly method: 'get' | 'post' | 'put' | 'patch' | 'delete';
  /** As OpenAPI writes it, e.g. /v1/models/{id} */
  readonly path: string;
  readonly pathParameters: readonly string[];
  readonly headers: readonly string[];
  readonly body: z.ZodObject | undefined;
  readonly description: RouteDescription;
}

interface RouteArgument {
  /** Name of a header or a part of the path. */
  readonly data?: unknown;
  readonly pipes?: readonly unknown[];
}

/** Throws `failed_precondition` that names a route without a description. */
export function operationsOf(controllers: readonly Type[]): Operation[] {
  return controllers.flatMap((controller) =>
    Object.getOwnPropertyNames(controller.prototype)
      .filter((name) => Reflect.hasMetadata(METHOD_METADATA, controller.prototype[name]))
      .map((name) => operationOf(controller, name)),
  );
}

function operationOf(controller: Type, name: string): Operation {
  const handler = controller.prototype[name] as object;
  const description = descriptionOf(handler);
  if (description === undefined)
    throw new AppError(
      'failed_precondition',
      `${controller.name}.${name} is not described: add @DescribeRoute.`,
    );
  const base = Reflect.getMetadata(PATH_METADATA, controller) as string;
  const below = Reflect.getMetadata(PATH_METADATA, handler) as string;
  const path = `/${[base, below]
    .map((part) => part.replace(/^\/+|\/+$/g, ''))
    .filter(Boolean)
    .join('/')}`;
  const verb = RequestMethod[Reflect.getMetadata(METHOD_METADATA, handler) as number]!;
  const args = argumentsOf(controller, name);
  const named = (type: RouteParamtypes) =>
    args.filter((arg) => arg.type === type && typeof arg.data === 'string').map(({ data }) => data as string);
  return {
    method: verb.toLowerCase() as Operation['method'],
    path: path.replace(/:(\w+)/g, '{$1}'),
    pathParameters: named(RouteParamtypes.PARAM),
    headers: named(RouteParamtypes.HEADERS),
    body: args.flatMap(({ pipes }) => pipes ?? []).find((pipe) => pipe instanceof BodyPipe)?.schema,
    description,
  };
}

/** Nest keeps them under "<type>:<index>". */
function argumentsOf(controller: Type, name: string): (RouteArgument & { readonly type: number })[] {
  const all = (Reflect.getMetadata(ROUTE_ARGS_METADATA, controller, name) ?? {}) as Record<
    string,
    RouteArgument
  >;
  return Object.entries(all).map(([key, argument]) => ({ ...argument, type: Number.parseInt(key, 10) }));
}
