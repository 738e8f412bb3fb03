// The use case speaks of messages; what a client of the Responses API wrote is called input.
import { AppError } from '#libs/errors/index.js';

export function inputFault(thrown: unknown): unknown {
  if (!(thrown instanceof AppError) || thrown.field !== 'messages') return thrown;
  const { code, message, cause } = thrown;
  return new AppError(code, message.replace('Your messages', 'Your input'), { field: 'input', cause });
}
