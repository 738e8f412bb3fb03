// Metadata values: HTTP/2 headers, so printable ASCII only; what came from a peer is checked, what goes out is cleaned.
import { Metadata } from '@grpc/grpc-js';

export const REQUEST_ID_KEY = 'x-request-id';

/** grpc-js throws on anything but printable ASCII. */
export function printable(text: string): string {
  return text.replace(/[^ -~]/g, '?');
}

/** The first text value under the key. */
export function textOf(metadata: Metadata, key: string): string | undefined {
  const value = metadata.get(key)[0];
  return typeof value === 'string' ? value : undefined;
}

export function metadataOf(entries: Readonly<Record<string, string | undefined>>): Metadata {
  const metadata = new Metadata();
  for (const [key, value] of Object.entries(entries))
    if (value !== undefined) metadata.set(key, printable(value));
  return metadata;
}
