// One Generate call on one verifier, with everything it says checked: a peer may stall, stop short or lie.
import { AppError } from '#libs/errors/index.js';
import type { GenerateRequest, GenerateResponse } from '#libs/rpc/index.js';
import type { RoundPace } from './round-pace.js';
import { StallWatch } from './stall-watch.js';

/** Dials verifiers; libs/rpc keeps one channel an endpoint. Throws `invalid_argument` for what is no address. */
export type VerifierDialer = (endpoint: string) => DialledVerifier;

export interface DialledVerifier {
  generate(
    request: GenerateRequest,
    options: { readonly signal: AbortSignal; readonly deadlineMs?: number },
  ): AsyncIterable<GenerateResponse>;
  /** Gives back its share of the channel, so that those to verifiers that are gone can be closed. */
  close(): void;
}

export interface VerifierCallOptions {
  readonly dialer: VerifierDialer;
  readonly endpoint: string;
  readonly request: GenerateRequest;
  readonly vocabSize: number;
  /** Says how long its silence may last. */
  readonly pace: RoundPace;
  /** For the whole call; undefined: as long as it takes. */
  readonly deadlineMs?: number | undefined;
}

/**
 * Yields the verifier's rounds; the last one has a finish reason. Leaving early cancels the call.
 * Messages don't name the endpoint: clients read them, and addresses are for the log.
 * Errors: what the verifier reports, `unavailable` when it stalls or ends early, `internal` when it lies.
 */
export async function* verifierRounds(
  options: VerifierCallOptions,
  signal: AbortSignal,
): AsyncGenerator<GenerateResponse> {
  const { dialer, endpoint, request, deadlineMs } = options;
  const pace = options.pace.with(endpoint);
  const call = new AbortController();
  const onAbort = () => call.abort(signal.reason);
  if (signal.aborted) onAbort();
  else signal.addEventListener('abort', onAbort, { once: true });
  let rounds = pace.first;
  const watch = new StallWatch((waitedMs) => {
    rounds.observe(waitedMs);
    call.abort(new AppError('unavailable', `The verifier sent nothing for ${waitedMs} ms.`));
  });
  let remaining = request.maxTokens;
  let verifier: DialledVerifier | undefined;
  try {
    call.signal.throwIfAborted();
    const callOptions = { signal: call.signal, ...(deadlineMs !== undefined && { deadlineMs }) };
    let askedAt = performance.now();
    watch.wait(rounds.patienceMs);
    verifier = dialer(endpoint);
    for await (const response of verifier.generate(request, callOptions)) {
      watch.pause();
      rounds.observe(performance.now() - askedAt);
      rounds = pace.later;
      check(response, remaining, options);
      remaining -= response.tokens.length;
      const finishReason = response.finishReason ?? (remaining === 0 ? 'length' : undefined);
      yield finishReason === undefined ? response : { ...response, finishReason };
      if (finishReason !== undefined) return;
      askedAt = performance.now();
      watch.wait(rounds.patienceMs);
    }
    throw new AppError('unavailable', 'The verifier ended its stream before the text was done.');
  } catch (thrown) {
    // The rpc client only knows that it was cancelled; the reason tells a stall from a client that left.
    throw withoutAddress(AppError.from(call.signal.aborted ? call.signal.reason : thrown), endpoint);
  } finally {
    watch.stop();
    verifier?.close();
    signal.removeEventListener('abort', onAbort);
    call.abort();
  }
}

function check(response: GenerateResponse, remaining: number, options: VerifierCallOptions): void {
  const { tokens } = response;
  const { vocabSize } = options;
  checkLogprobs(response, remaining === options.request.maxTokens, options);
  if (tokens.length > remaining)
    throw new AppError('internal', 'The verifier sent more tokens than it was asked for.');
  for (const token of tokens) {
    if (token < vocabSize) continue;
    throw new AppError('internal', `The verifier sent token ${token}, which is not in the vocabulary.`);
  }
}

/** Where they were asked for, they must be there, and of tokens that exist. */
function checkLogprobs(
  { tokens, logprobs = [], promptLogprobs = [] }: GenerateResponse,
  isFirst: boolean,
  { request, vocabSize }: VerifierCallOptions,
): void {
  const { promptLength } = request;
  // Once tokens were generated, another verifier has told them.
  const readsPrompt =
    isFirst && request.promptLogprobs !== undefined && request.tokens.length === promptLength;
  const areComplete =
    logprobs.length === (request.logprobs === undefined ? 0 : tokens.length) &&
    promptLogprobs.length === (readsPrompt ? promptLength - 1 : 0);
  if (!areComplete)
    throw new AppError('internal', 'The verifier sent other log probabilities than it was asked for.');
  for (const { topIds } of [...logprobs, ...promptLogprobs])
    for (const id of topIds)
      if (id >= vocabSize)
        throw new AppError('internal', `The verifier named token ${id}, which is not in the vocabulary.`);
}

function withoutAddress(error: AppError, endpoint: string): AppError {
  if (!error.message.includes(endpoint)) return error;
  const { code, message, field, retryAfterSeconds } = error;
  return new AppError(code, message.replaceAll(endpoint, 'the verifier'), {
    cause: error,
    ...(field !== undefined && { field }),
    ...(retryAfterSeconds !== undefined && { retryAfterSeconds }),
  });
}
