// What a user's program does through a client library, whichever it is: the same tests for all of them. Each runs
// against a whole gateway in front of a fake verifier, which sees what the client caused.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { z } from 'zod';
import { AppError } from '#libs/errors/index.js';
import { NO_LIMITS } from '#services/gateway/limits/limit-settings.js';
import { type GatewayUnderTestOptions, gatewayUnderTest, STORY } from './gateway-harness.js';
import { bytesOf, IM_END } from './tiny-model-folder.js';

export interface ClientSettings {
  readonly baseURL: string;
  readonly apiKey: string;
  readonly model: string;
  readonly maxTokens: number;
  readonly maxRetries: number;
  /** To be used for every request: fails on any address but this machine's. */
  readonly fetch: typeof fetch;
}

export interface ClientAnswer {
  readonly text: string;
  readonly finishReason: string;
  readonly promptTokens: number;
  readonly completionTokens: number;
}

export interface ClientCall {
  readonly id: string;
  readonly name: string;
  readonly args: unknown;
}

/** One client library, reduced to what all of them can do; always greedy. */
export interface ContractClient {
  whole(prompt: string): Promise<ClientAnswer>;
  /** Pieces of text as they come; leaving early or aborting ends the request. */
  stream(prompt: string, signal: AbortSignal): AsyncIterable<string>;
  /** What the model calls when it may call `weather`, whose arguments are WEATHER. */
  calls(prompt: string, stream: boolean): Promise<readonly ClientCall[]>;
  /** An answer that the library itself has checked against CITY. */
  structured(prompt: string): Promise<unknown>;
}

/** What a library makes of a failure. */
export interface ClientFailure {
  readonly status: number | undefined;
  /** The library itself recognises that the prompt is too long. */
  readonly overflow: boolean;
  readonly message: string;
}

export interface ClientLibrary {
  connect(settings: ClientSettings): ContractClient;
  failure(error: unknown): ClientFailure;
}

/** What structured answers look like; each library turns it into a schema in its own way. */
export const CITY = z.object({ name: z.string(), people: z.number().int() });

/** Arguments of the tool. */
export const WEATHER = z.object({ city: z.string() });

const KEY = 'sk-alice-0123456789';
const PROMPT = 'Tell me a story.';

export function clientContract(name: string, library: ClientLibrary): void {
  const under = async (t: Parameters<typeof gatewayUnderTest>[0], options: GatewayUnderTestOptions = {}) => {
    const gateway = await gatewayUnderTest(t, { apiKeys: [`alice:${KEY}`], ...options });
    const requests = new LoopbackFetch();
    const connect = (settings: Partial<ClientSettings> = {}) =>
      library.connect({
        baseURL: `${gateway.url}/v1`,
        apiKey: KEY,
        model: 'tiny',
        maxTokens: 400,
        maxRetries: 0,
        fetch: requests.fetch,
        ...settings,
      });
    return { ...gateway, requests, connect };
  };

  const failureOf = async (work: Promise<unknown>): Promise<ClientFailure> =>
    library.failure(
      await work.then(
        () => assert.fail('it did not fail'),
        (error: unknown) => error,
      ),
    );

  test(`${name}: a whole answer has the text, the reason and exact usage`, async (t) => {
    const { connect } = await under(t);
    const promptTokens = 3 + bytesOf(`user\n${PROMPT}\nassistant\n`).length;
    const completionTokens = bytesOf(STORY).length + 1;
    assert.deepEqual(await connect().whole(PROMPT), {
      text: STORY,
      finishReason: 'stop',
      promptTokens,
      completionTokens,
    });
  });

  test(`${name}: a stream comes in pieces that join to the text`, async (t) => {
    const { connect } = await under(t);
    const pieces = await collect(connect().stream(PROMPT, t.signal));
    assert.ok(pieces.length > 5);
    assert.equal(pieces.join(''), STORY);
  });

  for (const how of ['aborts', 'stops reading'] as const)
    test(`${name}: a program that ${how} mid-stream frees the verifier`, async (t) => {
      const { connect, verifiers, metrics } = await under(t);
      verifiers[0]!.mishaps.push({ kind: 'stall', afterRounds: 2 });
      const cancelled = verifiers[0]!.nextCancelled();
      const controller = new AbortController();
      const reading = (async () => {
        for await (const piece of connect().stream(PROMPT, controller.signal)) {
          if (piece === '') continue;
          if (how === 'stops reading') break;
          controller.abort();
        }
      })();
      // Some libraries end an aborted stream with an error, others just end it.
      await reading.catch(() => {});
      await cancelled;
      assert.match(await metrics.render(), /num_requests_running 0/);
    });

  test(`${name}: a prompt beyond the context is a 400 that the library recognises, and doesn't retry`, async (t) => {
    const { connect, requests } = await under(t);
    const { status, overflow, message } = await failureOf(connect({ maxRetries: 2 }).whole('x'.repeat(600)));
    assert.deepEqual([status, overflow, requests.count], [400, true, 1]);
    assert.match(message, /maximum context length/);
  });

  test(`${name}: a wrong key is a 401 that isn't retried`, async (t) => {
    const { connect, requests } = await under(t);
    const client = connect({ apiKey: 'sk-wrong-0123456789', maxRetries: 2 });
    assert.equal((await failureOf(client.whole(PROMPT))).status, 401);
    assert.equal((await failureOf(collect(client.stream(PROMPT, t.signal)))).status, 401);
    assert.equal(requests.count, 2);
  });

  test(`${name}: after a 429 the library comes back when it was told to, and is answered`, async (t) => {
    const limits = { ...NO_LIMITS, maxRequestsPerKey: 1 };
    const { connect, verifiers, requests } = await under(t, { limits });
    verifiers[0]!.mishaps.push({ kind: 'stall', afterRounds: 1 });
    const occupant = new AbortController();
    const occupied = collect(connect().stream(PROMPT, occupant.signal)).catch(() => {});
    await requests.answered(1);
    assert.equal((await failureOf(connect().whole(PROMPT))).status, 429);
    const retried = connect({ maxRetries: 1 }).whole(PROMPT);
    await requests.answered(3);
    occupant.abort();
    await occupied;
    assert.equal((await retried).text, STORY);
    // One that ignored Retry-After would have asked more often or sooner.
    assert.deepEqual(requests.statuses, [200, 429, 429, 200]);
    assert.ok(requests.times[3]! - requests.times[2]! >= 990);
  });

  test(`${name}: a structured answer is asked for by a schema that reaches the verifier, and is read`, async (t) => {
    const { connect, verifiers } = await under(t);
    const rome = { name: 'Rome', people: 2_746_984 };
    verifiers[0]!.script = [...bytesOf(JSON.stringify(rome)), IM_END];
    assert.deepEqual(await connect().structured(PROMPT), rome);
    const { grammar } = verifiers[0]!.requests[0]!;
    assert.ok(grammar?.kind === 'json_schema');
    const { properties, required } = JSON.parse(grammar.schema);
    assert.deepEqual(
      [Object.keys(properties), required],
      [
        ['name', 'people'],
        ['name', 'people'],
      ],
    );
  });

  for (const stream of [false, true])
    test(`${name}: calls of tools come back parsed, ${stream ? 'streamed' : 'whole'}`, async (t) => {
      const { connect, verifiers } = await under(t, { contextLength: 4096 });
      const call = (city: string) =>
        `<tool_call>\n${JSON.stringify({ name: 'weather', arguments: { city } })}\n</tool_call>`;
      verifiers[0]!.script = [...bytesOf(`Let me see.\n${call('Röme')}\n${call('Paris')}`), IM_END];
      const calls = await connect().calls(PROMPT, stream);
      assert.deepEqual(
        calls.map(({ name: called, args }) => [called, args]),
        [
          ['weather', { city: 'Röme' }],
          ['weather', { city: 'Paris' }],
        ],
      );
      assert.equal(new Set(calls.map(({ id }) => id)).size, 2);
    });

  test(`${name}: a failure mid-stream is an error, never a text that only looks complete`, async (t) => {
    const { connect, verifiers } = await under(t);
    const error = new AppError('invalid_argument', 'The verifier lost its mind.');
    verifiers[0]!.mishaps.push({ kind: 'fail', afterRounds: 3, error });
    const { message } = await failureOf(collect(connect().stream(PROMPT, t.signal)));
    assert.match(message, /lost its mind/);
  });
}

async function collect(pieces: AsyncIterable<string>): Promise<string[]> {
  const all: string[] = [];
  for await (const piece of pieces) if (piece !== '') all.push(piece);
  return all;
}

/** Fetches from this machine alone, and remembers what it was asked for. */
class LoopbackFetch {
  readonly statuses: number[] = [];
  /** Monotonic milliseconds at which each request began. */
  readonly times: number[] = [];
  #onAnswer: (() => void) | undefined;

  get count(): number {
    return this.times.length;
  }

  readonly fetch: typeof fetch = async (input, init) => {
    const url = new URL(input instanceof Request ? input.url : input);
    assert.equal(url.hostname, '127.0.0.1', `a request left for ${url}`);
    this.times.push(performance.now());
    const response = await fetch(input, init);
    this.statuses.push(response.status);
    this.#onAnswer?.();
    return response;
  };

  /** Resolves when so many requests have been answered. */
  answered(count: number): Promise<void> {
    return new Promise((resolve) => {
      this.#onAnswer = () => {
        if (this.statuses.length >= count) resolve();
      };
      this.#onAnswer();
    });
  }
}
