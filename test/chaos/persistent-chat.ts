// A client that keeps its promise to itself: it sends a request with an idempotency key, and when its gateway is lost or
// says nothing for too long, sends it again to the next one.
import { setTimeout as sleep } from 'node:timers/promises';
import {
  type ChatAnswer,
  type ChatOptions,
  type Messages,
  openAiClient,
  streamedChat,
} from '../support/chat.js';

const PATIENCE_MS = 4_000;
const RETRY_MS = 100;
const MOST_ATTEMPTS = 20;

export interface PersistentChatOptions extends ChatOptions {
  readonly idempotencyKey: string;
  /** In the order in which they are asked. */
  readonly urls: readonly string[];
}

/**
 * @param onPiece told the text so far as the reader has it: each attempt's text begins anew, and goes on from what was seen.
 * Rejects if an attempt's text is another than what was seen, and after too many attempts.
 */
export async function persistentChat(
  messages: Messages,
  { urls, ...options }: PersistentChatOptions,
  onPiece: (index: number, text: string) => void,
): Promise<ChatAnswer> {
  let seen = '';
  let broken: Error | undefined;
  const onText = (index: number, text: string) => {
    if (!text.startsWith(seen) && !seen.startsWith(text))
      broken = new Error(`A retry changed what was read: ${JSON.stringify(text)}`);
    if (text.length <= seen.length) return;
    seen = text;
    onPiece(index, text);
  };
  for (let attempt = 0; ; attempt++) {
    const patience = new AbortController();
    const timer = setTimeout(() => patience.abort(), PATIENCE_MS);
    try {
      const url = urls[attempt % urls.length]!;
      const heard = (index: number, text: string) => {
        timer.refresh();
        onText(index, text);
      };
      const answer = await streamedChat(openAiClient(url), messages, options, heard, patience.signal);
      if (broken !== undefined) throw broken;
      return answer;
    } catch (error) {
      if (broken !== undefined || attempt === MOST_ATTEMPTS) throw broken ?? error;
      await sleep(RETRY_MS);
    } finally {
      clearTimeout(timer);
    }
  }
}
