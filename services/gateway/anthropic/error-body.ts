// Errors in Anthropic's shape, on Anthropic's paths. https://platform.claude.com/docs/en/api/errors
const PATHS = /^\/v1\/messages(\/|$)/;

const TYPES: Readonly<Record<number, string>> = {
  400: 'invalid_request_error',
  401: 'authentication_error',
  403: 'permission_error',
  404: 'not_found_error',
  413: 'request_too_large',
  429: 'rate_limit_error',
  503: 'overloaded_error',
  504: 'timeout_error',
};

export interface AnthropicErrorBody {
  readonly type: 'error';
  readonly error: { readonly type: string; readonly message: string };
  readonly request_id: string;
}

export function hasAnthropicErrors(url: string): boolean {
  return PATHS.test(url.split('?', 1)[0]!);
}

export function anthropicErrorBody(status: number, message: string, requestId: string): AnthropicErrorBody {
  const type = TYPES[status] ?? (status < 500 ? 'invalid_request_error' : 'api_error');
  return { type: 'error', error: { type, message }, request_id: requestId };
}
