// The Proposer port over all drafts of one generation: those of the target's vocabulary first, the others behind a
// translation of their own. If one kind can't be asked now, the same round asks the next.
import { AppError } from '#libs/errors/index.js';
import type { RemoteProposer } from '#libs/rpc/index.js';
import type { DraftPlan, FeatureWindow, Proposer, Sequence, TimedProposal } from '#libs/speculative/index.js';
import { warmUp } from '#libs/speculative/index.js';
import type { DraftVocabularies, ForeignVocabulary } from './draft-vocabularies.js';
import { UniversalProposer } from './universal/universal-proposer.js';

/** Drafts of one vocabulary; undefined is the target's. */
interface Group {
  readonly vocabulary: ForeignVocabulary | undefined;
  readonly endpoints: string[];
  remote?: RemoteProposer;
  universal?: UniversalProposer;
}

export type OpenRemote = (endpoints: readonly string[], vocabulary?: ForeignVocabulary) => RemoteProposer;

export class RemoteDrafts implements Proposer {
  #groups: Group[] | undefined;
  #isClosed = false;

  /** @param endpoints In order of preference, at least one. */
  constructor(
    private readonly endpoints: readonly string[],
    private readonly vocabularies: DraftVocabularies,
    private readonly open: OpenRemote,
    /** What is sent to those that read the target's features. */
    readonly featureWindow?: FeatureWindow | undefined,
  ) {}

  async warmUp(sequence: Sequence, signal: AbortSignal): Promise<void> {
    await this.#firstFit((proposer) => warmUp(proposer, sequence, signal));
  }

  propose(sequence: Sequence, plan: DraftPlan, signal: AbortSignal): Promise<TimedProposal> {
    return this.#firstFit((proposer) => proposer.propose(sequence, plan, signal));
  }

  close(): void {
    this.#isClosed = true;
    this.featureWindow?.close();
    for (const { remote, universal } of this.#groups ?? []) {
      remote?.close();
      universal?.close();
    }
  }

  async #firstFit<Result>(use: (proposer: Proposer) => Promise<Result>): Promise<Result> {
    let failure: unknown;
    for (const group of this.#groups ?? (await this.#asked()))
      try {
        return await use(this.#proposer(group));
      } catch (error) {
        failure ??= error;
        const { code } = AppError.from(error);
        if (code === 'failed_precondition' && group.remote !== undefined)
          for (const endpoint of group.endpoints) this.vocabularies.forget(endpoint);
        // Only what is known at once leaves time for another one.
        if (code !== 'unavailable' && code !== 'draining' && code !== 'failed_precondition') throw error;
      }
    throw failure;
  }

  /** Waits for the first draft's answer only: it is the one to be used, if all is well. */
  async #asked(): Promise<Group[]> {
    const answers = this.endpoints.map((endpoint) => this.vocabularies.ask(endpoint));
    await answers[0];
    this.#groups ??= this.#grouped();
    return this.#groups;
  }

  #grouped(): Group[] {
    const groups: Group[] = [];
    for (const endpoint of this.endpoints) {
      const vocabulary = this.vocabularies.foreign(endpoint);
      const group = groups.find(
        (each) => each.vocabulary?.vocabularyFingerprint === vocabulary?.vocabularyFingerprint,
      );
      if (group === undefined) groups.push({ vocabulary, endpoints: [endpoint] });
      else group.endpoints.push(endpoint);
    }
    const isForeign = ({ vocabulary }: Group) => Number(vocabulary !== undefined);
    return groups.sort((a, b) => isForeign(a) - isForeign(b));
  }

  #proposer(group: Group): Proposer {
    if (this.#isClosed) throw new AppError('cancelled', 'The generation has ended.');
    const { vocabulary, endpoints } = group;
    if (vocabulary === undefined) {
      group.remote ??= this.open(endpoints);
      return group.remote;
    }
    if (group.universal !== undefined) return group.universal;
    const translator = this.vocabularies.translator(vocabulary, endpoints[0]!);
    group.remote ??= this.open(endpoints, vocabulary);
    group.universal = new UniversalProposer(group.remote, translator);
    return group.universal;
  }
}
