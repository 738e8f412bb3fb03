// The workers named in the configuration, as registry records. They say nothing of themselves, so they are taken to
// serve our model; a verifier with another vocabulary would send tokens that the stream check refuses.
import type { Role, WorkerRecord } from '#libs/session/index.js';
import type { TextModel } from './generation/text-model.js';

export function staticWorkers(
  role: Role,
  endpoints: readonly string[],
  { manifestName, vocabularyFingerprint }: Pick<TextModel, 'manifestName' | 'vocabularyFingerprint'>,
): WorkerRecord[] {
  return endpoints.map((endpoint) => ({
    // An id may not hold the brackets of an IPv6 address.
    id: `${role}-${endpoint.replace(/[[\]%]/g, '')}`,
    role,
    endpoint,
    model: manifestName,
    vocabularyFingerprint,
    draining: false,
  }));
}
