// From what a request presents to its tenant. OpenAI's clients send `Authorization: Bearer`, Anthropic's `x-api-key`;
// over gRPC the same names are metadata.
import type { ApiKeys } from './api-keys.js';

/** @param header the value under a lower-case name. Throws `invalid_api_key`. */
export type Authenticate = (header: (name: string) => string | undefined) => string;

const BEARER = /^Bearer +(\S+) *$/i;

export function authenticator(keys: ApiKeys, onRefused: () => void): Authenticate {
  return (header) => {
    try {
      return keys.tenantOf(presentedKey(header));
    } catch (error) {
      onRefused();
      throw error;
    }
  };
}

/** A header that is there but unreadable presents no key; `Authorization` wins when both are sent. */
function presentedKey(header: (name: string) => string | undefined): string | undefined {
  const authorization = header('authorization');
  if (authorization !== undefined) return BEARER.exec(authorization)?.[1];
  return header('x-api-key');
}
