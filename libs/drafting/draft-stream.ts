// One generation at the draft: remembers what its caller has said, answers one request after the other, and works ahead
// between them.
import type { Slot } from '#libs/engine/index.js';
import { AppError } from '#libs/errors/index.js';
import type { SamplingParams } from '#libs/sampling/index.js';
import { type DraftedTokens, type DraftPlan, DraftRun, type SequenceNews } from '#libs/speculative/index.js';
import type { Drafting } from './drafting.js';
import type { RoundFeatures } from './round-features.js';
import { type Drafted, WorkAhead } from './work-ahead.js';

/** The whole truth of a sequence is its first prefixLength tokens, which the stream was told before, and `tokens`. */
export interface ProposeCall extends SequenceNews, Omit<DraftPlan, 'ahead'> {
  readonly sessionId: string;
  /** How many of the sequence's tokens are the prompt. */
  readonly promptLength: number;
  readonly sampling: SamplingParams;
  /** Keys and values are shared between sessions of the same salt only. */
  readonly cacheSalt?: string | undefined;
}

export interface ProposeResult extends DraftedTokens {
  /** Milliseconds of this call's own steps: all of it is drafting. */
  readonly computeMs: number;
  /** Its part of them, where steps of other sessions shared forwards. */
  readonly ownMs: number;
  /** Tokens that were there before they were asked for. */
  readonly draftedAhead: number;
  /** Committed tokens whose rows were there. */
  readonly cachedTokens: number;
}

export class DraftStream {
  /** The committed tokens. */
  readonly #tokens: number[] = [];
  /** As the last answer has left it; undefined if it drafted nothing. */
  #drafted: Drafted | undefined;
  #ahead: WorkAhead | undefined;

  constructor(private readonly drafting: Drafting) {}

  /**
   * One call at a time.
   * @throws AppError session_lost if the stream was never told the prefix: resend all with prefixLength 0.
   */
  propose(call: ProposeCall, signal: AbortSignal): Promise<ProposeResult> {
    return this.drafting.idle.busy(() => this.#propose(call, signal));
  }

  async #propose(call: ProposeCall, signal: AbortSignal): Promise<ProposeResult> {
    const ahead = this.#ahead;
    await this.close();
    this.#read(call);
    const { slotUse, head, contextLength } = this.drafting;
    const committed = this.#tokens.length;
    const features = this.drafting.features(call.features, committed);
    const known = ahead?.runFor(this.#tokens, call.promptLength, call.sampling);
    const run = known ?? new DraftRun({ ...call, tokens: this.#tokens, head });
    const draftedAhead = run.tokens.length;
    const plan = { ...call, maxTokens: Math.min(call.maxTokens, contextLength - committed) };
    const job = async (slot: Slot): Promise<ProposeResult> => {
      const cachedTokens = Math.min(slot.cache.length, committed);
      const draw = () => this.#finish(run, plan, slot, signal, features);
      const { length, ...ms } = await (features === undefined ? draw() : withOwnRows(slot, plan, draw));
      this.#cut(slot, length);
      const { sessionId: key, promptLength, sampling } = call;
      if (length > 0) this.#drafted = { key, slot, user: this, promptLength, sampling };
      return {
        ...run.proposed(length),
        ...ms,
        draftedAhead: Math.min(draftedAhead, length),
        cachedTokens,
      };
    };
    return slotUse.run(this.#slotRequest(call, run), job, signal, this);
  }

  /**
   * Drafts on, without a wait, as if the last answer were accepted. Not for a feature draft: what it answers depends on
   * features that come with the next request only.
   */
  workAhead(numTokens: number): void {
    if (numTokens === 0 || this.drafting.readsFeatures || this.#drafted === undefined) return;
    this.#ahead = new WorkAhead(this.drafting, this.#drafted, numTokens);
  }

  /** Ends the work ahead; resolves when nothing of this stream is under way. */
  async close(): Promise<void> {
    const ahead = this.#ahead;
    this.#ahead = undefined;
    this.#drafted = undefined;
    await ahead?.stop();
  }

  #read({ prefixLength, tokens }: ProposeCall): void {
    if (prefixLength > this.#tokens.length)
      throw new AppError('session_lost', `The stream has not said ${prefixLength} tokens; resend them all.`);
    this.#tokens.length = prefixLength;
    for (const token of tokens) this.#tokens.push(token);
  }

  /** What was drafted ahead counts as the sequence's own, so that its keys and values stay. */
  #slotRequest({ sessionId, cacheSalt, maxTokens }: ProposeCall, { tokens }: DraftRun) {
    return {
      key: sessionId,
      salt: cacheSalt,
      prefixLength: 0,
      tokens: [...this.#tokens, ...tokens],
      room: maxTokens,
    };
  }

  async #finish(
    run: DraftRun,
    plan: ProposeCall,
    slot: Slot,
    signal: AbortSignal,
    features: RoundFeatures | undefined,
  ) {
    let [computeMs, ownMs] = [0, 0];
    for (;;) {
      const length = run.lengthFor(plan);
      if (length !== undefined) return { length, computeMs, ownMs };
      const drawn = await this.drafting.draw(run, slot, signal, features);
      computeMs += drawn.computeMs;
      ownMs += drawn.ownMs;
    }
  }

  /** Forgets what was drafted beyond the answer. */
  #cut({ tokens, cache }: Slot, answerLength: number): void {
    tokens.length = this.#tokens.length + answerLength;
    cache.truncate(Math.max(0, tokens.length - 1));
  }
}

/**
 * Draws for a feature draft, and takes back the rows that it has made of its own states meanwhile.
 * @throws AppError session_lost if the slot lacks rows that were made before: the features for them were sent only once.
 */
async function withOwnRows<Result>(
  slot: Slot,
  { prefixLength, maxTokens }: ProposeCall,
  draw: () => Promise<Result>,
): Promise<Result> {
  const committed = slot.tokens.length;
  if (maxTokens > 0 && slot.cache.length < prefixLength)
    throw new AppError(
      'session_lost',
      `The slot has lost rows of the first ${prefixLength} tokens; resend them all.`,
    );
  slot.exactLength = committed;
  try {
    return await draw();
  } finally {
    slot.cache.truncate(committed);
    slot.exactLength = Number.POSITIVE_INFINITY;
  }
}
