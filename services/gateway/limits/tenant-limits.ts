// What one tenant has under way, and what it may have: its choices, their tokens, and how many requests begin in a minute.
// Beyond them it is its own fault (429). Tenants are the names of API keys, so what is kept here is bounded.
import { AppError } from '#libs/errors/index.js';
import type { LimitReason, RequestLimitSettings } from './limit-settings.js';
import { TokenBucket } from './token-bucket.js';

/** Where a tenant stands with the limits that are told to clients. */
export interface Standing {
  /** The rate if there is one, else what may be under way at once. */
  readonly requests: Allowance | undefined;
  /** As well. */
  readonly tokens: Allowance | undefined;
}

export interface Allowance {
  readonly limit: number;
  readonly remaining: number;
  /** Until `remaining` is `limit` again; undefined when that depends on other requests. */
  readonly resetSeconds: number | undefined;
}

export interface TenantLimitsOptions {
  readonly settings: RequestLimitSettings;
  /** Monotonic milliseconds. */
  readonly now: () => number;
  readonly onRefused: (reason: LimitReason) => void;
}

interface Tenant {
  choices: number;
  tokens: number;
  /** Of requests. */
  readonly bucket: TokenBucket | undefined;
  readonly tokenBucket: TokenBucket | undefined;
}

/** Until a place is free nobody can say when; clients ask again after so long, and back off by themselves. */
const BUSY_RETRY_SECONDS = 1;

export class TenantLimits {
  readonly #tenants = new Map<string, Tenant>();

  constructor(private readonly options: TenantLimitsOptions) {}

  /** @param numRequests Of the rate. Throws `rate_limit_exceeded`; `invalid_argument` for what could never pass. */
  checkChoices(name: string, choices: number, numRequests: number): void {
    const { choices: held, bucket } = this.#tenant(name);
    const { maxRequestsPerKey: most } = this.options.settings;
    if (most !== undefined && choices > most)
      throw tooMuch('n', `this asks for ${choices} answers at once; your key may have ${most}`);
    if (most !== undefined && held + choices > most) {
      const message = `Rate limit reached: ${held} of your ${most} answers at once are under way; wait for one to end.`;
      throw this.#refusal('tenant_limit', message, BUSY_RETRY_SECONDS);
    }
    if (bucket !== undefined && bucket.remaining < numRequests) {
      if (bucket.capacity < numRequests)
        throw tooMuch(
          'prompt',
          `these are ${numRequests} requests; your key may send ${bucket.capacity} a minute`,
        );
      const seconds = bucket.secondsUntil(numRequests);
      const message = `Rate limit reached: ${bucket.capacity} requests a minute; try again in ${seconds} s.`;
      throw this.#refusal('rate_limit', message, seconds);
    }
  }

  enter(name: string, choices: number, numRequests: number): void {
    const tenant = this.#tenant(name);
    tenant.choices += choices;
    tenant.bucket?.take(numRequests);
  }

  /** Throws `rate_limit_exceeded`; `invalid_argument` for what could never pass. */
  takeTokens(name: string, tokens: number): void {
    const tenant = this.#tenant(name);
    const { maxTokensPerKey: most } = this.options.settings;
    if (most !== undefined && tokens > most) {
      const what = `prompt and max_tokens of all answers come to ${tokens} tokens; your key may have ${most} at once`;
      throw tooMuch('max_tokens', what);
    }
    if (most !== undefined && tenant.tokens + tokens > most) {
      const message = `Rate limit reached: ${tenant.tokens} of your ${most} tokens at once are taken, and this asks for ${tokens}.`;
      throw this.#refusal('token_limit', message, BUSY_RETRY_SECONDS);
    }
    this.#checkTokenRate(tenant.tokenBucket, tokens);
    tenant.tokenBucket?.take(tokens);
    tenant.tokens += tokens;
  }

  #checkTokenRate(bucket: TokenBucket | undefined, tokens: number): void {
    if (bucket === undefined || bucket.remaining >= tokens) return;
    const rate = `${bucket.capacity} tokens a minute`;
    if (bucket.capacity < tokens)
      throw tooMuch(
        'max_tokens',
        `prompt and max_tokens of all answers come to ${tokens}; your key may have ${rate}`,
      );
    const seconds = bucket.secondsUntil(tokens);
    const message = `Rate limit reached: ${rate}, and this asks for ${tokens}; try again in ${seconds} s.`;
    throw this.#refusal('rate_limit', message, seconds);
  }

  leave(name: string, choices: number, tokens: number): void {
    const tenant = this.#tenant(name);
    tenant.choices -= choices;
    tenant.tokens -= tokens;
  }

  standing(name: string): Standing {
    const { choices, tokens, bucket, tokenBucket } = this.#tenant(name);
    const { maxRequestsPerKey, maxTokensPerKey } = this.options.settings;
    return {
      requests: aMinute(bucket) ?? atOnce(maxRequestsPerKey, choices),
      tokens: aMinute(tokenBucket) ?? atOnce(maxTokensPerKey, tokens),
    };
  }

  #refusal(reason: LimitReason, message: string, retryAfterSeconds: number): AppError {
    this.options.onRefused(reason);
    return new AppError('rate_limit_exceeded', message, { retryAfterSeconds });
  }

  #tenant(name: string): Tenant {
    let tenant = this.#tenants.get(name);
    if (tenant === undefined) {
      const { settings, now } = this.options;
      const bucketOf = (perMinute: number | undefined) =>
        perMinute === undefined ? undefined : new TokenBucket(perMinute, now);
      const { requestsPerMinute, tokensPerMinute } = settings;
      const buckets = { bucket: bucketOf(requestsPerMinute), tokenBucket: bucketOf(tokensPerMinute) };
      tenant = { choices: 0, tokens: 0, ...buckets };
      this.#tenants.set(name, tenant);
    }
    return tenant;
  }
}

function aMinute(bucket: TokenBucket | undefined): Allowance | undefined {
  return (
    bucket && { limit: bucket.capacity, remaining: bucket.remaining, resetSeconds: bucket.secondsUntilFull }
  );
}

function atOnce(limit: number | undefined, taken: number): Allowance | undefined {
  return limit === undefined ? undefined : { limit, remaining: limit - taken, resetSeconds: undefined };
}

function tooMuch(field: string, what: string): AppError {
  return new AppError('invalid_argument', `${field}: ${what}; ask for less.`, { field });
}
