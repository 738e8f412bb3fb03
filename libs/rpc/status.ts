// AppError ↔ gRPC status. Several of our codes share one status, so the code itself, the field at fault and the retry
// time travel in trailing metadata. A peer's trailers are hostile input: unknown codes fall back to the status.
import { Metadata, type ServiceError, type StatusObject, status } from '@grpc/grpc-js';
import { AppError, type AppErrorOptions, ERROR_CODES, type ErrorCode } from '#libs/errors/index.js';
import { MAX_ERROR_DETAILS } from './limits.js';
import { printable, textOf } from './metadata.js';

const CODE_KEY = 'outrider-error-code';
const FIELD_KEY = 'outrider-error-field';
const RETRY_AFTER_KEY = 'outrider-retry-after-seconds';
const MAX_FIELD_LENGTH = 256;

/** grpc-js reports a connection that was closed under a call as INTERNAL, with this text. */
const LOST_CONNECTION = /^Received RST_STREAM /;

const CODE_OF_STATUS: Partial<Record<status, ErrorCode>> = {
  // Not by us, then our signal would have said so: the peer dropped the call.
  [status.CANCELLED]: 'unavailable',
  [status.INVALID_ARGUMENT]: 'invalid_argument',
  [status.DEADLINE_EXCEEDED]: 'deadline_exceeded',
  [status.NOT_FOUND]: 'not_found',
  [status.RESOURCE_EXHAUSTED]: 'resource_exhausted',
  [status.FAILED_PRECONDITION]: 'failed_precondition',
  [status.OUT_OF_RANGE]: 'invalid_argument',
  [status.UNIMPLEMENTED]: 'failed_precondition',
  [status.UNAVAILABLE]: 'unavailable',
  [status.UNAUTHENTICATED]: 'invalid_api_key',
};

/** What goes onto the wire for anything thrown. Only AppErrors were written for other eyes: the rest is hidden. */
export function statusFromThrown(thrown: unknown): StatusObject {
  const error = AppError.from(thrown);
  const planned = thrown instanceof AppError || error.code !== 'internal';
  const metadata = new Metadata();
  metadata.set(CODE_KEY, error.code);
  if (error.field !== undefined) metadata.set(FIELD_KEY, printable(error.field).slice(0, MAX_FIELD_LENGTH));
  if (error.retryAfterSeconds !== undefined) metadata.set(RETRY_AFTER_KEY, String(error.retryAfterSeconds));
  const message = planned ? error.message : 'The service failed; its log has the reason.';
  return { code: error.mapping.grpc, details: wellFormed(message), metadata };
}

/** As an Error, the shape that grpc-js streams want. */
export function serviceErrorFromThrown(thrown: unknown): ServiceError {
  const { code, details, metadata } = statusFromThrown(thrown);
  return Object.assign(new Error(details), { code, details, metadata });
}

/** Turns what a gRPC call failed with into an AppError; `peer` names the callee in messages of the transport. */
export function appErrorFromCall(thrown: unknown, peer: string): AppError {
  if (!isServiceError(thrown)) return AppError.from(thrown);
  const sent = textOf(thrown.metadata, CODE_KEY);
  const options: AppErrorOptions = { cause: thrown, ...trailersOf(thrown.metadata) };
  if (sent !== undefined && Object.hasOwn(ERROR_CODES, sent)) {
    const code = sent as ErrorCode;
    if (ERROR_CODES[code].grpc === thrown.code) return new AppError(code, thrown.details, options);
  }
  const code = LOST_CONNECTION.test(thrown.details)
    ? 'unavailable'
    : (CODE_OF_STATUS[thrown.code] ?? 'internal');
  return new AppError(code, `${peer}: ${thrown.details} (${status[thrown.code] ?? thrown.code})`, options);
}

function trailersOf(metadata: Metadata): { field?: string; retryAfterSeconds?: number } {
  const field = textOf(metadata, FIELD_KEY);
  const seconds = Number(textOf(metadata, RETRY_AFTER_KEY) ?? Number.NaN);
  return {
    ...(field !== undefined ? { field: field.slice(0, MAX_FIELD_LENGTH) } : {}),
    ...(Number.isFinite(seconds) && seconds >= 0 ? { retryAfterSeconds: seconds } : {}),
  };
}

function isServiceError(thrown: unknown): thrown is ServiceError {
  return (
    thrown instanceof Error && 'metadata' in thrown && thrown.metadata instanceof Metadata && 'code' in thrown
  );
}

// grpc-js percent-encodes details with encodeURI, which throws on lone surrogates; a round trip replaces them.
function wellFormed(text: string): string {
  return Buffer.from(text.slice(0, MAX_ERROR_DETAILS), 'utf8').toString('utf8');
}
