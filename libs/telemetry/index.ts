export { draftFailureReason } from './draft-failure-reason.js';
export {
  createLogger,
  LOG_LEVELS,
  type LogDestination,
  type Logger,
  type LoggerOptions,
  type LogLevel,
} from './logger.js';
export {
  createMetrics,
  type FinishedReason,
  type Metrics,
  type MetricsOptions,
  type RefusalReason,
} from './metrics.js';
export type {
  DraftFailureReason,
  RoundOutcome,
} from './speculation-metrics.js';
export {
  type CacheUsage,
  createDraftMetrics,
  createVerifierMetrics,
  type DraftMetrics,
  type VerifierMetrics,
} from './worker-metrics.js';
