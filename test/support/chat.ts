// Chats through the official OpenAI client, with the fields that Outrider adds to its requests and answers.
import OpenAI from 'openai';

export interface ChatOptions {
  readonly sessionId?: string;
  readonly speculation?: {
    readonly enabled?: boolean;
    readonly method?: string;
    readonly num_speculative_tokens?: number;
  };
  readonly maxTokens?: number;
  readonly temperature?: number;
  readonly topP?: number;
  readonly seed?: number;
  readonly stop?: string;
  readonly idempotencyKey?: string;
}

export type Messages = OpenAI.ChatCompletionMessageParam[];

/** The part of `metrics` that tests look at. */
export interface ChatMetrics {
  readonly speculative_decoding: {
    readonly num_draft_tokens: number;
    readonly num_accepted_draft_tokens: number;
    readonly num_spec_steps: number;
  };
  readonly outrider: { readonly draft_failures: number; readonly failovers: number };
}

export interface ChatAnswer {
  readonly text: string;
  readonly finishReason: string | null;
  readonly usage: OpenAI.CompletionUsage;
  readonly metrics: ChatMetrics;
  /** Pieces of text the answer came in; 1 when it came whole. */
  readonly pieces: number;
}

/** Never retries: what a test sees is one answer of the gateway. */
export function openAiClient(url: string): OpenAI {
  return new OpenAI({ baseURL: `${url}/v1`, apiKey: 'none', maxRetries: 0, timeout: 60_000 });
}

export function userSays(content: string): Messages {
  return [{ role: 'user', content }];
}

export async function wholeChat(
  client: OpenAI,
  messages: Messages,
  options: ChatOptions = {},
): Promise<ChatAnswer> {
  const answer = await client.chat.completions.create({ ...body(messages, options), stream: false });
  const { message, finish_reason: finishReason } = answer.choices[0]!;
  const { metrics } = answer as unknown as { metrics: ChatMetrics };
  return { text: message.content ?? '', finishReason, usage: answer.usage!, metrics, pieces: 1 };
}

/** What `ask` says of each item, in their order; so many are asked at a time. */
export async function someAtATime<Item, Answer>(
  items: readonly Item[],
  together: number,
  ask: (item: Item) => Promise<Answer>,
): Promise<Answer[]> {
  const answers: Answer[] = [];
  for (let first = 0; first < items.length; first += together)
    answers.push(...(await Promise.all(items.slice(first, first + together).map(ask))));
  return answers;
}

/** `onPiece` is told each piece's number, from 0, and the text so far, as it comes. */
export async function streamedChat(
  client: OpenAI,
  messages: Messages,
  options: ChatOptions = {},
  onPiece: (index: number, text: string) => void = () => {},
  signal?: AbortSignal,
): Promise<ChatAnswer> {
  const stream = await client.chat.completions.create(
    { ...body(messages, options), stream: true, stream_options: { include_usage: true } },
    { signal, headers: options.idempotencyKey ? { 'idempotency-key': options.idempotencyKey } : {} },
  );
  let text = '';
  let pieces = 0;
  let finishReason: string | null = null;
  let last: { usage: OpenAI.CompletionUsage; metrics: ChatMetrics } | undefined;
  for await (const chunk of stream) {
    const choice = chunk.choices[0];
    if (choice?.delta.content) {
      text += choice.delta.content;
      onPiece(pieces++, text);
    }
    finishReason = choice?.finish_reason ?? finishReason;
    if (chunk.usage) last = chunk as unknown as { usage: OpenAI.CompletionUsage; metrics: ChatMetrics };
  }
  if (last === undefined) throw new Error('The stream ended without a usage chunk.');
  return { text, finishReason, usage: last.usage, metrics: last.metrics, pieces };
}

function body(messages: Messages, options: ChatOptions) {
  const { sessionId, speculation, maxTokens = 24, temperature = 0, topP, seed, stop } = options;
  return {
    model: 'smollm2-135m-instruct',
    messages,
    temperature,
    max_completion_tokens: maxTokens,
    ...(topP !== undefined && { top_p: topP }),
    ...(seed !== undefined && { seed }),
    ...(stop !== undefined && { stop }),
    // Fields of Outrider's own, which the client passes on as they are.
    ...(sessionId !== undefined && { session_id: sessionId }),
    ...(speculation !== undefined && { speculation }),
  };
}
