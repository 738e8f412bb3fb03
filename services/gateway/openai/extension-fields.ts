// Sampling fields that OpenAI's and Anthropic's newer routes do not have themselves, and that work there all the same.
import { samplingFields } from './sampling-fields.js';

const { top_k, min_p, typical_p, frequency_penalty, presence_penalty, repetition_penalty } = samplingFields;
const { logit_bias, allowed_token_ids, bad_words, min_tokens, stop_token_ids, ignore_eos } = samplingFields;
const { seed, session_id, cache_salt, priority, timeout, speculation, structured_outputs } = samplingFields;

export const extensionFields = {
  top_k,
  min_p,
  typical_p,
  frequency_penalty,
  presence_penalty,
  repetition_penalty,
  logit_bias,
  allowed_token_ids,
  bad_words,
  min_tokens,
  stop_token_ids,
  ignore_eos,
  seed,
  session_id,
  cache_salt,
  priority,
  timeout,
  speculation,
  structured_outputs,
};
