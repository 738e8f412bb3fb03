// What every answer and every chunk of one begins with.
import type { Generation } from '../generation/generation.js';

export function envelope({ id, model, created }: Generation, object: string) {
  return { id, object, created, model, system_fingerprint: null };
}
