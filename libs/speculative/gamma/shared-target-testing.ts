// Many sessions of one target in simulated time, as they are on a machine of two cores (bench/results/load.json): forwards
// of up to eight sequences and 64 tokens, prompts in pieces between the rounds, a draft that takes one session after the
// other. Answers of the draft are read between two forwards only, since the forward blocks its thread.
import type { GammaController } from '../round.js';

export interface SharedTarget {
  readonly sessions: number;
  /** Chance of each drafted token. */
  readonly acceptance: number;
  /** Milliseconds of a forward over so many tokens of so many sequences. */
  forwardMs(tokens: number, sequences: number): number;
  /** The draft's milliseconds for a proposal of so many tokens; of one token of a prompt. */
  draftMs(tokens: number): number;
  readonly draftPromptMs: number;
  /** Milliseconds by which one of the draft's delays a forward: 1 where they share cores, 0 where they don't. */
  readonly contention: number;
  /** Tokens of each request's prompt and of its answer; prompt 0: one endless answer a session. */
  readonly request: { readonly prompt: number; readonly answer: number };
  readonly milliseconds: number;
  readonly random: () => number;
}

export interface Served {
  /** Tokens a millisecond, and tokens drafted a round, of the second half of the time. */
  readonly rate: number;
  readonly gamma: number;
}

const SLOTS = 8;
const BATCH_TOKENS = 64;
/** Unread tokens that a draft reads with its next proposal; more of them beside rounds without a draft. */
const FEW = 64;

interface Session {
  gamma: GammaController;
  /** Of the prompt, still to be read; 0 in a round. */
  prompt: number;
  /** Tokens that the draft has not read; it is reading until then. */
  unread: number;
  readUntil: number;
  left: number;
  drafted: number;
  askedAt: number;
  seenAt: number;
  readyAt: number;
}

interface Share {
  readonly session: Session;
  readonly tokens: number;
}

export function serve(target: SharedTarget, newGamma: () => GammaController): Served {
  return new Simulation(target, newGamma).run();
}

class Simulation {
  #now = 0;
  #draftFreeAt = 0;
  /** The draft's work that no forward has been delayed by. */
  #draftWork = 0;
  readonly #sums = { tokens: 0, drafted: 0, rounds: 0 };

  constructor(
    private readonly target: SharedTarget,
    private readonly newGamma: () => GammaController,
  ) {}

  run(): Served {
    const { sessions, milliseconds } = this.target;
    let waiting = Array.from({ length: sessions }, (_, i) => this.#asked(i));
    while (this.#now < milliseconds) {
      waiting.sort((a, b) => a.readyAt - b.readyAt);
      const idleMs = Math.max(0, waiting[0]!.readyAt - this.#now);
      this.#now += idleMs;
      this.#draftWork = Math.max(0, this.#draftWork - idleMs);
      for (const each of waiting)
        if (each.readyAt <= this.#now && Number.isNaN(each.seenAt)) each.seenAt = this.#now;
      const shares = sharesOf(waiting.filter(({ readyAt }) => readyAt <= this.#now));
      const served = new Set(shares.map(({ session }) => session));
      waiting = waiting.filter((session) => !served.has(session));
      this.#forward(shares);
      waiting.push(...served);
    }
    const { tokens, drafted, rounds } = this.#sums;
    return { rate: (2 * tokens) / milliseconds, gamma: drafted / rounds };
  }

  #asked(atMs: number): Session {
    const { prompt, answer } = this.target.request;
    const session: Session = {
      gamma: this.newGamma(),
      prompt,
      unread: prompt,
      readUntil: 0,
      left: prompt === 0 ? Number.POSITIVE_INFINITY : answer,
      drafted: 0,
      askedAt: atMs,
      seenAt: Number.NaN,
      readyAt: atMs,
    };
    // The draft reads the prompt while the target does.
    if (session.gamma.next().maxTokens > 0) session.readUntil = this.#draft(session, 0);
    return session;
  }

  /** Lets the draft work. @returns when it is done. */
  #draft(session: Session, tokens: number): number {
    const { draftMs, draftPromptMs } = this.target;
    const ms = (tokens === 0 ? 0 : draftMs(tokens)) + draftPromptMs * session.unread;
    session.unread = 0;
    this.#draftWork += ms;
    this.#draftFreeAt = Math.max(this.#draftFreeAt, this.#now) + ms;
    return this.#draftFreeAt;
  }

  #forward(shares: readonly Share[]): void {
    const { forwardMs, contention } = this.target;
    const tokens = shares.reduce((sum, share) => sum + share.tokens, 0);
    const alone = forwardMs(tokens, shares.length);
    const beside = Math.min(this.#draftWork, alone);
    this.#draftWork = Math.max(0, this.#draftWork - alone * (1 + contention));
    const computeMs = alone + contention * beside;
    this.#now += computeMs;
    const rows = shares.reduce((sum, { session }) => sum + (session.prompt > 0 ? 0 : session.drafted + 1), 0);
    for (const share of shares)
      this.#served(share, { computeMs, batchSize: shares.length, batchTokens: tokens, batchRows: rows });
  }

  #served(
    { session, tokens }: Share,
    load: { computeMs: number; batchSize: number; batchTokens: number; batchRows: number },
  ): void {
    const now = this.#now;
    if (session.prompt > 0) {
      session.prompt -= tokens;
      if (session.prompt === 0) this.#round(session);
      return;
    }
    const { drafted, askedAt, seenAt, left } = session;
    let accepted = 0;
    while (accepted < drafted && this.target.random() < this.target.acceptance) accepted++;
    const confidences = new Array<number>(drafted).fill(this.target.acceptance);
    const restMs = now - seenAt;
    const draftMs = seenAt - askedAt;
    session.gamma.observe({
      drafted,
      accepted,
      confidences,
      draftMs,
      restMs,
      load: { ...load, waitMs: restMs - load.computeMs },
    });
    const committed = Math.min(accepted + 1, left);
    session.left -= committed;
    session.unread += committed;
    if (now > this.target.milliseconds / 2) {
      this.#sums.tokens += committed;
      this.#sums.drafted += drafted;
      this.#sums.rounds++;
    }
    if (session.left > 0) this.#round(session);
    else Object.assign(session, this.#asked(now));
  }

  #round(session: Session): void {
    const { maxTokens, minReach = 0 } = session.gamma.next();
    if (maxTokens > 0 && session.unread > FEW) session.readUntil = this.#draft(session, 0);
    const most = session.readUntil > this.#now ? 0 : Math.min(maxTokens, session.left - 1);
    session.drafted = 0;
    for (let reach = 1; session.drafted < most && reach >= minReach; session.drafted++)
      reach *= this.target.acceptance;
    session.askedAt = this.#now;
    session.readyAt = this.#now;
    session.seenAt = Number.NaN;
    if (session.drafted > 0) session.readyAt = this.#draft(session, session.drafted);
  }
}

/** Rounds first, whole; one place and what is left of the tokens for prompts. */
function sharesOf(ready: readonly Session[]): Share[] {
  const rounds = ready.filter(({ prompt }) => prompt === 0);
  const prompts = ready.filter(({ prompt }) => prompt > 0);
  const shares: Share[] = rounds
    .slice(0, SLOTS - Math.min(1, prompts.length))
    .map((session) => ({ session, tokens: session.drafted + 1 }));
  let room = BATCH_TOKENS - shares.reduce((sum, { tokens }) => sum + tokens, 0);
  for (const session of prompts.slice(0, SLOTS - shares.length)) {
    const tokens = Math.min(session.prompt, room);
    if (tokens <= 0) break;
    shares.push({ session, tokens });
    room -= tokens;
  }
  return shares;
}
