// An operand or option that a command cannot do without.
import { AppError } from '#libs/errors/index.js';

export function required(value: string | undefined, what: string): string {
  if (value !== undefined) return value;
  throw new AppError('invalid_argument', `${what} is missing. Run "outrider help".`);
}
