import assert from 'node:assert/strict';
import { test } from 'node:test';
import { z } from 'zod';
import { AppError, ERROR_CODES, type ErrorCode, validatedEnvironment } from '#libs/errors/index.js';

test('every code maps to a gRPC status of the specification and an HTTP error status', () => {
  for (const [code, mapping] of Object.entries(ERROR_CODES)) {
    assert.ok(mapping.grpc >= 1 && mapping.grpc <= 16, code);
    assert.ok(mapping.http >= 400 && mapping.http < 600, code);
    assert.deepEqual(new AppError(code as ErrorCode, 'x').mapping, mapping);
  }
});

test('an abort becomes cancelled, a timeout deadline_exceeded, anything else internal with its cause', () => {
  assert.equal(AppError.from(AbortSignal.abort().reason).code, 'cancelled');
  assert.equal(AppError.from(new DOMException('late', 'TimeoutError')).code, 'deadline_exceeded');
  const cause = new TypeError('x is not a function');
  assert.equal(AppError.from(cause).code, 'internal');
  assert.equal(AppError.from(cause).cause, cause);
  assert.equal(AppError.from('text').message, 'text');
});

test('validation names everything that is wrong at once, and empty environment variables count as unset', () => {
  const schema = z.object({
    PORT: z.coerce.number().default(8080),
    HOME: z.string(),
    LEVEL: z.enum(['info']).default('info'),
  });
  assert.deepEqual(validatedEnvironment(schema, { PORT: '', HOME: '/h' }, 'x'), {
    PORT: 8080,
    HOME: '/h',
    LEVEL: 'info',
  });
  assert.throws(
    () => validatedEnvironment(schema, { PORT: 'a', LEVEL: 'loud' }, 'The service cannot start'),
    {
      code: 'failed_precondition',
      message: /^The service cannot start: PORT: .*; HOME: .*; LEVEL: /,
    },
  );
});
