// How much a verifier takes on. Beyond so many generations, or more tokens than its KV caches hold, generations would push
// each other's caches out and read their prompts again in every round: better that a new one goes elsewhere, or waits.
import { AppError } from '#libs/errors/index.js';

export interface GenerationLimitsOptions {
  readonly maxGenerations: number;
  /** Tokens that all KV caches can hold together. */
  readonly maxTokens: number;
}

/** A generation that runs. */
export interface Occupancy {
  /** Its sequence has grown. */
  grow(numTokens: number): void;
  release(): void;
}

const RETRY_SECONDS = 1;

export class GenerationLimits {
  #generations = 0;
  #tokens = 0;

  constructor(private readonly options: GenerationLimitsOptions) {}

  get running(): number {
    return this.#generations;
  }

  /**
   * The first one is always taken: whether it fits by itself is for the slots to say.
   * @param numTokens of its sequence so far.
   * @throws AppError resource_exhausted, with the time to try again.
   */
  enter(numTokens: number): Occupancy {
    const { maxGenerations, maxTokens } = this.options;
    if (this.#generations >= maxGenerations)
      throw full(`runs ${maxGenerations} generations, as many as it may (OUTRIDER_MAX_GENERATIONS)`);
    if (this.#generations > 0 && this.#tokens + numTokens > maxTokens)
      throw full(
        `holds ${this.#tokens} tokens of running generations, and its KV caches ${maxTokens} in all`,
      );
    let held = numTokens;
    this.#generations++;
    this.#tokens += held;
    return {
      grow: (more) => {
        held += more;
        this.#tokens += more;
      },
      release: () => {
        this.#generations--;
        this.#tokens -= held;
      },
    };
  }
}

function full(how: string): AppError {
  return new AppError('resource_exhausted', `This verifier ${how}.`, { retryAfterSeconds: RETRY_SECONDS });
}
