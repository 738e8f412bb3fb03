// Optimistic drafting (architecture.md, H): while the verifier judges an answer, the draft goes on as if all of it were
// accepted. It guesses the bonus token and drafts the round behind it with that round's own keys, so what the next request
// finds is what it would have been drawn for (docs/decisions/0017). How far it goes depends on nothing that was drawn.
import type { LeftSlot, Slot } from '#libs/engine/index.js';
import type { SamplingParams } from '#libs/sampling/index.js';
import { DraftRun } from '#libs/speculative/index.js';
import { type Drafting, PROMPT_STEP } from './drafting.js';

/** The sequence that is being drafted for. */
export interface Drafted extends LeftSlot {
  readonly promptLength: number;
  readonly sampling: SamplingParams;
}

export class WorkAhead {
  /** Settles when no step of it is under way or to come. */
  readonly done: Promise<void>;
  readonly #stop = new AbortController();
  readonly #never = new AbortController().signal;
  /** The tokens that the next round is assumed to begin with. */
  #assumed: readonly number[] = [];
  #run: DraftRun | undefined;

  /** @param numTokens To draft behind the guessed bonus token. */
  constructor(
    private readonly drafting: Drafting,
    private readonly drafted: Drafted,
    numTokens: number,
  ) {
    // What fails here fails again, and is reported, when it is asked for.
    this.done = this.#work(numTokens).catch(() => {});
  }

  /** Resolves when the step under way, if any, has ended. */
  async stop(): Promise<void> {
    this.#stop.abort();
    await this.done;
  }

  /** What was drafted for the round that begins with exactly these tokens. */
  runFor(tokens: readonly number[], promptLength: number, sampling: SamplingParams): DraftRun | undefined {
    const { drafted } = this;
    // The stream says its parameters once; other ones are another object.
    if (this.#run === undefined || drafted.sampling !== sampling || drafted.promptLength !== promptLength)
      return undefined;
    const isAsAssumed =
      tokens.length === this.#assumed.length && tokens.every((token, i) => token === this.#assumed[i]);
    return isAsAssumed ? this.#run : undefined;
  }

  async #work(numTokens: number): Promise<void> {
    const { slot, promptLength, sampling } = this.drafted;
    const { head } = this.drafting;
    const start = { promptLength, head };
    const guess = new DraftRun({ ...start, tokens: slot.tokens, sampling: guessing(sampling) });
    if ((await this.#draw(guess)) === undefined) return;
    this.#assumed = [...slot.tokens];
    this.#run = new DraftRun({ ...start, tokens: slot.tokens, sampling });
    for (let i = 0; i < numTokens; i++) if ((await this.#draw(this.#run)) === undefined) return;
  }

  /** Undefined: there is no going on. */
  async #draw(run: DraftRun): Promise<number | undefined> {
    const { idle, slotUse } = this.drafting;
    await idle.wait(this.#stop.signal);
    return slotUse.resume(this.drafted, (slot) => this.#step(run, slot), this.#stop.signal);
  }

  /** What has begun is finished, and may be of use: it isn't stopped. */
  async #step(run: DraftRun, slot: Slot): Promise<number | undefined> {
    const { tokens, cache } = slot;
    const { contextLength } = this.drafting;
    if (tokens.length - cache.length > PROMPT_STEP || tokens.length >= contextLength) return undefined;
    return (await this.drafting.draw(run, slot, this.#never)).token;
  }
}

/** The token that the target most likely goes on with: under shared noise its winner, else the most probable one. */
function guessing(sampling: SamplingParams): SamplingParams {
  return { ...sampling, draftMode: sampling.verification === 'coupled' ? 'sampled' : 'deterministic' };
}
