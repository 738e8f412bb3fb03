// Fields of OpenAI and vLLM that would change the answer and are not supported yet. Ignoring them would give an answer
// that was not asked for, so a value that matters is refused by name; a value that changes nothing is let through.
import { AppError } from '#libs/errors/index.js';

type ChangesNothing = (value: unknown) => boolean;

const is =
  (...neutral: unknown[]): ChangesNothing =>
  (value) =>
    neutral.includes(value);

const isEmpty: ChangesNothing = (value) =>
  typeof value === 'object' && value !== null && Object.keys(value).length === 0;

const isTextOnly: ChangesNothing = (value) => Array.isArray(value) && value.every((item) => item === 'text');

const never: ChangesNothing = () => false;

const UNSUPPORTED: Readonly<Record<string, ChangesNothing>> = {
  repeat_penalty: is(1),
  length_penalty: is(1),
  top_logprobs: is(0),
  functions: isEmpty,
  function_call: is('none', 'auto'),
  modalities: isTextOnly,
  audio: never,
  web_search_options: never,
  suffix: is(''),
  echo: is(false),
  truncate_prompt_tokens: never,
  use_beam_search: is(false),
  add_generation_prompt: is(true),
  continue_final_message: is(false),
  chat_template: never,
  chat_template_kwargs: isEmpty,
};

export function isUnsupportedField(name: string): boolean {
  return Object.hasOwn(UNSUPPORTED, name);
}

/**
 * Throws `invalid_argument` that names the first field whose value would change the answer.
 * @param known Fields that this route does support.
 */
export function refuseUnsupportedFields(
  body: Readonly<Record<string, unknown>>,
  known: Readonly<Record<string, unknown>>,
): void {
  for (const [name, changesNothing] of Object.entries(UNSUPPORTED)) {
    if (!Object.hasOwn(body, name) || Object.hasOwn(known, name)) continue;
    const value = body[name];
    if (value === undefined || value === null || changesNothing(value)) continue;
    throw new AppError('invalid_argument', `${name}: this value is not supported yet; leave the field out.`, {
      field: name,
    });
  }
}
