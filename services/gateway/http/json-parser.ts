// Reads JSON bodies. V8 parses any depth, but what comes after (schemas, templates, serialisers) recurses, so nesting is
// counted in the text before it becomes objects: a hostile body costs one pass over its characters.
import type { FastifyInstance } from 'fastify';
import { AppError } from '#libs/errors/index.js';

/** A JSON schema takes two or three levels for each of its own. */
export const MAX_JSON_DEPTH = 128;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPENING: ReadonlySet<number> = new Set([0x5b, 0x7b]);
const CLOSING: ReadonlySet<number> = new Set([0x5d, 0x7d]);

export function addJsonParser(fastify: FastifyInstance): void {
  const parse = fastify.getDefaultJsonParser('error', 'error');
  // JSON is the only body we read; anything else is a 415.
  fastify.removeAllContentTypeParsers();
  fastify.addContentTypeParser<string>('application/json', { parseAs: 'string' }, (request, body, done) => {
    if (isTooDeep(body)) {
      const message = `The body is nested too deeply; send at most ${MAX_JSON_DEPTH} levels.`;
      done(new AppError('invalid_argument', message));
      return;
    }
    parse(request, body, done);
  });
}

/** Whether arrays and objects are nested beyond the limit. For text that isn't JSON the answer means nothing. */
export function isTooDeep(json: string): boolean {
  let depth = 0;
  for (let at = 0; at < json.length; at++) {
    const char = json.charCodeAt(at);
    if (char === QUOTE) at = endOfString(json, at + 1);
    else if (OPENING.has(char)) {
      if (++depth > MAX_JSON_DEPTH) return true;
    } else if (CLOSING.has(char)) depth--;
  }
  return false;
}

function endOfString(json: string, from: number): number {
  for (let at = from; at < json.length; at++) {
    const char = json.charCodeAt(at);
    if (char === BACKSLASH) at++;
    else if (char === QUOTE) return at;
  }
  return json.length;
}
