export { configuredWorkers } from './configured-workers.js';
export type { DegradedListener, DegradedPart } from './degradation.js';
export type {
  JournalEnding,
  JournalOpening,
  JournalPage,
  JournalReceipt,
  JournalStanding,
  JournalStore,
  OpenJournal,
} from './journal-store.js';
export { type JournalStoreOptions, openJournalStore } from './open-journal-store.js';
export { openSession, type Session, type SessionOptions } from './open-session.js';
export { isRedisUrl, REDIS_URL_FORMS } from './redis-address.js';
export type { Registration, Registry, Role, WorkerRecord } from './registry.js';
export { rankWorkers } from './rendezvous.js';
export { type Route, type RouteOptions, SessionRouter, type SessionRouterOptions } from './router.js';
export { MAX_SESSION_ID_LENGTH } from './session-id.js';
export type { ClaimRequest, Pin, SessionStore } from './session-store.js';
