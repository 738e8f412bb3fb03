// Every error leaves in OpenAI's shape, whatever raised it.
import type { AppError } from '#libs/errors/index.js';

export interface ErrorBody {
  readonly error: {
    readonly message: string;
    readonly type: string;
    readonly param: string | null;
    readonly code: string;
  };
}

/** Internal errors may hold paths or addresses: they stay in the log. */
const HIDDEN_MESSAGE = 'The server failed to answer this request; its log has the details.';

export function errorBody(error: AppError): ErrorBody {
  const { openaiType } = error.mapping;
  const message = error.code === 'internal' ? HIDDEN_MESSAGE : error.message;
  return { error: { message, type: openaiType, param: error.field ?? null, code: error.code } };
}
