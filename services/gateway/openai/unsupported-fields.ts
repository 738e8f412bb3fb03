// Fields of OpenAI and vLLM that would change the answer and are not supported yet. Ignoring them would give an answer
// that was not asked for, so a value that matters is refused by name; a value that changes nothing is let through.
import { type ChangesNothing, is, isEmpty, never, type RefusedFields } from '../http/refused-fields.js';

const isTextOnly: ChangesNothing = (value) => Array.isArray(value) && value.every((item) => item === 'text');

export const UNSUPPORTED_FIELDS: RefusedFields = {
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
