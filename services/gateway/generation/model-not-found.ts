// The one answer to a request for a model that is not served here.
import { AppError } from '#libs/errors/index.js';

export function modelNotFound(asked: string, served: string): AppError {
  return new AppError(
    'model_not_found',
    `The model ${JSON.stringify(asked)} is not served here; ask for ${JSON.stringify(served)}.`,
    { field: 'model' },
  );
}
