// What the API document says of a route that its controller doesn't say already: path, method, body and headers are read
// from the controller itself, so that they can't differ from what is checked. A route without a description fails a test.
import type { z } from 'zod';

export interface RouteDescription {
  /** Names its schemas: ChatCompletion, ChatCompletionRequest, ChatCompletionChunk. */
  readonly name: string;
  readonly summary: string;
  readonly tag: 'OpenAI' | 'Anthropic' | 'Tokens' | 'Operation';
  /** The answer with status 200. */
  readonly answer: z.ZodType;
  /** Default application/json. */
  readonly mediaType?: string;
  /** One event of the stream that `stream: true` asks for. */
  readonly chunk?: z.ZodType;
  /** A body to try, for the model that is served. */
  readonly example?: (model: string) => object;
}

const DESCRIPTION = 'outrider:route-description';

export function DescribeRoute(description: RouteDescription): MethodDecorator {
  return (_target, _name, { value }: PropertyDescriptor) =>
    Reflect.defineMetadata(DESCRIPTION, description, value as object);
}

/** Undefined for a route that nobody described. */
export function descriptionOf(handler: object): RouteDescription | undefined {
  return Reflect.getMetadata(DESCRIPTION, handler) as RouteDescription | undefined;
}
