// What the generations of a verifier teach each other, and the chain of sources that each of them gets: as verifiers do it
// (services/verifier/source-lessons.ts), with prompt lookup and one draft model. Nothing works ahead here.
import {
  Chain,
  ConstantGamma,
  GoodputKnowledge,
  LoadChoice,
  PromptLookup,
  type Proposer,
} from '#libs/speculative/index.js';
import type { Mode } from '../load/cell.js';
import type { Drafting } from './simulated-request.js';

export class Lessons {
  readonly #lookup = new GoodputKnowledge(true);
  readonly #draftModel = new GoodputKnowledge(false);
  readonly #load = new LoadChoice(() => this.#running);
  #running = 0;

  start(mode: Mode, draftModel: Proposer | undefined): Drafting & { ended(): void } {
    this.#running++;
    const ended = () => void this.#running--;
    if (mode === 'plain') return { proposer: undefined, gamma: new ConstantGamma(0), ended };
    const lookup = { name: 'prompt_lookup', proposer: new PromptLookup(), knowledge: this.#lookup };
    const sources =
      draftModel === undefined
        ? [lookup]
        : [lookup, { name: 'draft_model', proposer: draftModel, knowledge: this.#draftModel }];
    const chain = new Chain(sources, undefined, this.#load);
    return { proposer: chain, gamma: chain, ended };
  }
}
