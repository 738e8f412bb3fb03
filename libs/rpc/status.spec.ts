import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Metadata, status } from '@grpc/grpc-js';
import { AppError, ERROR_CODES, type ErrorCode } from '#libs/errors/index.js';
import { appErrorFromCall, serviceErrorFromThrown, statusFromThrown } from './status.js';

test('every code survives the trip, with its message, field and retry time', () => {
  for (const code of Object.keys(ERROR_CODES) as ErrorCode[]) {
    const sent = new AppError(code, `because of ${code}`, { field: 'tokens', retryAfterSeconds: 1.5 });
    const received = appErrorFromCall(serviceErrorFromThrown(sent), 'peer');
    const { message, field, retryAfterSeconds } = received;
    assert.deepEqual([received.code, message, field, retryAfterSeconds], [code, sent.message, 'tokens', 1.5]);
  }
});

test('a failure that nobody planned is hidden from the wire', () => {
  const { code, details } = statusFromThrown(new TypeError('cannot read /etc/shadow'));
  assert.equal(code, status.INTERNAL);
  assert.doesNotMatch(details, /shadow/);
});

test('an abort becomes CANCELLED, a timeout DEADLINE_EXCEEDED', () => {
  assert.equal(statusFromThrown(AbortSignal.abort().reason).code, status.CANCELLED);
  assert.equal(statusFromThrown(new DOMException('', 'TimeoutError')).code, status.DEADLINE_EXCEEDED);
});

test('a status without our code falls back to its number and names the peer', () => {
  const error = foreign(status.UNAVAILABLE, new Metadata());
  const received = appErrorFromCall(error, '10.0.0.1:50051');
  assert.equal(received.code, 'unavailable');
  assert.match(received.message, /10\.0\.0\.1:50051.*UNAVAILABLE/);
  assert.equal(appErrorFromCall(foreign(status.DATA_LOSS, new Metadata()), 'p').code, 'internal');
});

test('lying trailers are not believed: unknown codes, codes of another status, odd retry times', () => {
  for (const code of ['__proto__', 'toString', 'session_lost', 'nonsense']) {
    const metadata = new Metadata();
    metadata.set('outrider-error-code', code);
    metadata.set('outrider-retry-after-seconds', 'soon');
    const received = appErrorFromCall(foreign(status.UNAVAILABLE, metadata), 'peer');
    assert.deepEqual([received.code, received.retryAfterSeconds], ['unavailable', undefined]);
  }
});

test('messages with line breaks, lone surrogates or megabytes, and fields of any script, fit into trailers', () => {
  const error = new AppError('invalid_argument', `a\n\ud800${'x'.repeat(1 << 20)}`, { field: 'Größe\n' });
  const { details, metadata } = statusFromThrown(error);
  assert.doesNotThrow(() => encodeURI(details));
  assert.ok(details.length <= 2048);
  assert.equal(metadata.get('outrider-error-field')[0], 'Gr??e?');
});

function foreign(code: status, metadata: Metadata): Error {
  return Object.assign(new Error('x'), { code, details: 'x', metadata });
}
