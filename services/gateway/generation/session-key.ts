// Names the session whose KV caches a request may find warm. Without a client's own id it is derived from model, system
// message and FIRST user message: they stay the same from turn to turn while everything after them grows, so the next
// turn of a conversation reaches the verifier that holds its prefix. Two conversations that open alike share a name;
// that costs cache hits, never correctness. Hashed, so that the key has a fixed length and no client's characters;
// prefixed, so that a client's id can't name a derived session or the reverse. Every key depends on the tenant: the same
// id or the same prompt of two tenants are two sessions, so neither can read from its cache hits what the other asked.
import { createHash } from 'node:crypto';
import type { PromptInput } from './generation-request.js';

/** Opening of a plain prompt that names its session: long enough to tell prompts apart, kept when a prompt is extended. */
const OPENING_TOKENS = 64;

export function sessionKey(
  tenant: string,
  model: string,
  input: PromptInput,
  promptTokens: readonly number[],
  clientId: string | undefined,
): string {
  if (clientId !== undefined) return `client-${hash(tenant, clientId)}`;
  if (input.kind !== 'chat')
    return `prompt-${hash(tenant, model, promptTokens.slice(0, OPENING_TOKENS).join(' '))}`;
  const contentOf = (role: string) =>
    input.messages.find((message) => message.role === role)?.content ?? null;
  return `chat-${hash(tenant, model, contentOf('system'), contentOf('user'))}`;
}

/** Whose caches a request may find warm: the tenant's, or a part of them that a client has set apart. */
export function cacheOwner(tenant: string, salt: string | undefined): string {
  return salt === undefined ? tenant : `salted-${hash(tenant, salt)}`;
}

/** Keeps the shared keys and values of one tenant's sessions from those of another: how fast an answer comes tells what
 * others have asked. Not the name itself, which is nobody else's business. */
export function cacheSalt(tenant: string): string {
  return hash('cache salt', tenant);
}

/** How verifiers tell tenants apart: shares of the verifier are by it. Not the name, nor the salt. */
export function tenantId(tenant: string): string {
  return hash('tenant', tenant);
}

/** JSON keeps the parts apart: ("ab", "c") and ("a", "bc") differ. */
function hash(...parts: (string | null)[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 40);
}
