// host:port as configuration, the registry and peers write it.

import { MAX_ENDPOINT_LENGTH } from '../limits.js';
import { invalid } from './check.js';

const ENDPOINT = /^(?:[A-Za-z0-9_.-]+|\[[0-9A-Fa-f:.]+\]):(\d{1,5})$/;

/** Throws invalid_argument unless the text is `host:port` or `[v6 address]:port`. */
export function checkEndpoint(endpoint: string, field = 'endpoint'): string {
  const match = endpoint.length <= MAX_ENDPOINT_LENGTH ? ENDPOINT.exec(endpoint) : null;
  const port = Number(match?.[1]);
  if (!(port >= 1 && port <= 65_535))
    throw invalid(field, `is not host:port with a port in [1, 65535]: "${endpoint.slice(0, 80)}".`);
  return endpoint;
}
