// The one table of error codes: what each means as a gRPC status, an HTTP status and an OpenAI error type.
// Sources: grpc.github.io/grpc/core/md_doc_statuscodes.html and the OpenAI error reference.

export interface ErrorMapping {
  /** Numeric gRPC status code. */
  readonly grpc: number;
  readonly http: number;
  /** `error.type` of the OpenAI error body. */
  readonly openaiType: string;
}

export const ERROR_CODES = {
  invalid_argument: { grpc: 3, http: 400, openaiType: 'invalid_request_error' },
  context_length_exceeded: { grpc: 11, http: 400, openaiType: 'invalid_request_error' },
  model_not_found: { grpc: 5, http: 404, openaiType: 'invalid_request_error' },
  not_found: { grpc: 5, http: 404, openaiType: 'invalid_request_error' },
  /** OpenAI's code for a missing or wrong key. */
  invalid_api_key: { grpc: 16, http: 401, openaiType: 'invalid_request_error' },
  payload_too_large: { grpc: 8, http: 413, openaiType: 'invalid_request_error' },
  /** An idempotency key came with another request than before. */
  idempotency_key_reused: { grpc: 6, http: 422, openaiType: 'invalid_request_error' },
  /** What an idempotency key stands for was generated and is too large to be kept. */
  answer_not_kept: { grpc: 9, http: 410, openaiType: 'invalid_request_error' },
  /** The slot no longer holds the prefix that the caller named: resend everything. */
  session_lost: { grpc: 9, http: 409, openaiType: 'server_error' },
  /** Draft and target do not share a vocabulary, a model file is damaged, … : needs a person. */
  failed_precondition: { grpc: 9, http: 500, openaiType: 'server_error' },
  resource_exhausted: { grpc: 8, http: 429, openaiType: 'rate_limit_error' },
  /** A tenant asked more often, or for more at once, than it may. */
  rate_limit_exceeded: { grpc: 8, http: 429, openaiType: 'rate_limit_error' },
  unavailable: { grpc: 14, http: 503, openaiType: 'server_error' },
  deadline_exceeded: { grpc: 4, http: 504, openaiType: 'server_error' },
  cancelled: { grpc: 1, http: 499, openaiType: 'server_error' },
  internal: { grpc: 13, http: 500, openaiType: 'server_error' },
} as const satisfies Record<string, ErrorMapping>;

export type ErrorCode = keyof typeof ERROR_CODES;
