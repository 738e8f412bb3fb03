// The sources of a generation as a chain, each with what controllers learnt about it in generations before.
import type { Speculation } from '#libs/rpc/index.js';
import {
  AheadChoice,
  type AheadPolicy,
  ALWAYS_AHEAD,
  Chain,
  controllerOf,
  type DraftSource,
  GammaLessons,
  type GammaSetting,
  LoadChoice,
  type Proposer,
} from '#libs/speculative/index.js';
import { kept } from './kept.js';
import { requestedSetting } from './requested-setting.js';

export interface Source {
  readonly name: string;
  readonly proposer: Proposer;
  readonly isFree: boolean;
  /** Whether it can draft while the target verifies. */
  readonly worksAhead?: boolean;
  /** Most that it drafts where the request doesn't say. */
  readonly maxTokens?: number;
  /** What was found to be best for it. */
  readonly tuned?: GammaSetting | undefined;
}

/** Sources whose lessons are kept: drafts come and go. */
const MOST_KEPT = 64;

export class SourceLessons {
  readonly #lessons = new Map<string, GammaLessons>();
  readonly #aheadChoices = new Map<string, AheadChoice>();
  readonly #loadChoices = new Map<string, LoadChoice>();
  #running = 0;

  /** Generations under way. */
  get running(): number {
    return this.#running;
  }

  /** A generation begins, with drafts or without. @returns what is to be called when it has ended. */
  enter(): () => void {
    this.#running++;
    let isIn = true;
    return () => {
      if (isIn) this.#running--;
      isIn = false;
    };
  }

  /** @param hasGrammar Drafts that know nothing of a grammar are worth less within one, and no less elsewhere. */
  chain(sources: readonly Source[], speculation: Speculation, hasGrammar: boolean): Chain {
    return new Chain(
      sources.map((source): DraftSource => {
        const { name, proposer, isFree, tuned, maxTokens: most } = source;
        const lesson = hasGrammar ? `${name} within a grammar` : name;
        const lessons = kept(this.#lessons, lesson, MOST_KEPT, () => new GammaLessons(isFree));
        const setting = tuned ?? requestedSetting(speculation);
        return {
          name,
          proposer,
          knowledge: lessons.goodput,
          maxTokens: speculation.numSpeculativeTokens === 0 ? (most ?? setting.maxTokens) : setting.maxTokens,
          // Goodput is what the chain brings itself.
          gamma: setting.controller === 'goodput' ? undefined : controllerOf(setting, lessons),
          pauses: tuned !== undefined,
          ahead: this.#aheadPolicy(source, speculation),
        };
      }),
      undefined,
      this.#loadChoice(sources),
    );
  }

  /** One for all generations that have the same sources to choose from. */
  #loadChoice(sources: readonly Source[]): LoadChoice {
    const names = sources.map(({ name }) => name).join();
    return kept(this.#loadChoices, names, MOST_KEPT, () => new LoadChoice(() => this.#running));
  }

  /** Undefined: it never works ahead. */
  #aheadPolicy({ name, worksAhead }: Source, { optimistic = 'auto' }: Speculation): AheadPolicy | undefined {
    if (!worksAhead || optimistic === 'off') return undefined;
    return optimistic === 'on'
      ? ALWAYS_AHEAD
      : kept(this.#aheadChoices, name, MOST_KEPT, () => new AheadChoice());
  }
}
