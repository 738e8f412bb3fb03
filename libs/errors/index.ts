export { AppError, type AppErrorOptions } from './app-error.js';
export { ERROR_CODES, type ErrorCode, type ErrorMapping } from './codes.js';
export { validated, validatedEnvironment } from './validated.js';
