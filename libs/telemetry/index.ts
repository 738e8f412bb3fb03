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
