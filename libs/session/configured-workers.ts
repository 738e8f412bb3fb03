// Workers named in a configuration, as registry records. They say nothing of themselves, so they are taken to serve the
// given model; one of another vocabulary is refused by the first call's checks.
import type { Role, WorkerRecord } from './registry.js';

export function configuredWorkers(
  role: Role,
  endpoints: readonly string[],
  serves: Pick<WorkerRecord, 'model' | 'vocabularyFingerprint'>,
): WorkerRecord[] {
  return endpoints.map((endpoint) => ({
    // An id may not hold the brackets of an IPv6 address.
    id: `${role}-${endpoint.replace(/[[\]%]/g, '')}`,
    role,
    endpoint,
    model: serves.model,
    vocabularyFingerprint: serves.vocabularyFingerprint,
    draining: false,
  }));
}
