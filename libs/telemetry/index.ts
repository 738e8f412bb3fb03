export { BoundedCounter } from './bounded-counter.js';
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
  FINISHED_REASONS,
  type FinishedReason,
  LATENCY_BUCKETS,
  type Metrics,
  type MetricsOptions,
} from './metrics.js';
export {
  DRAFT_FAILURE_REASONS,
  type DraftFailureReason,
  MAX_POSITIONS,
  type RoundOutcome,
} from './speculation-metrics.js';
