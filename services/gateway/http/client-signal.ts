// Aborts when the client hangs up before its answer is complete.
import type { ServerResponse } from 'node:http';
import { AppError } from '#libs/errors/index.js';

export function clientSignal(response: ServerResponse): AbortSignal {
  const controller = new AbortController();
  const onClose = () => {
    if (!response.writableFinished)
      controller.abort(new AppError('cancelled', 'The client closed the connection.'));
  };
  if (response.destroyed) onClose();
  else response.once('close', onClose);
  return controller.signal;
}
