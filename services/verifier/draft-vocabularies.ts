// What the drafts' vocabularies are, as far as is known: each draft is asked once, and the tokenizer of a vocabulary that
// isn't the target's is fetched once. Nobody waits for a tokenizer: until it is there, rounds go on without that draft.
import { AppError } from '#libs/errors/index.js';
import type { DraftClient, ModelInfo } from '#libs/rpc/index.js';
import { Translator } from './universal/translator.js';
import type { TranslatorData } from './universal/translator-messages.js';

const ASK_TIMEOUT_MS = 1_000;
const FETCH_TIMEOUT_MS = 60_000;
/** What went wrong is tried again after this long, and what went well is asked again. */
const RETRY_AFTER_MS = 30_000;
/** A thread and some 100 MB each. */
const MOST_TRANSLATORS = 4;
/** Drafts come and go; the first asked are forgotten first. */
const MOST_DRAFTS = 256;

/** Of a draft whose vocabulary isn't the target's. */
export type ForeignVocabulary = Pick<ModelInfo, 'vocabSize' | 'vocabularyFingerprint'>;

interface Draft {
  readonly asked: Promise<void>;
  readonly askedAt: number;
  /** Undefined: it hasn't answered. */
  info?: ModelInfo;
}

interface Fetched {
  translator?: Translator;
  failure?: AppError;
  readonly since: number;
  usedAt: number;
}

export interface DraftVocabulariesOptions {
  readonly targetFolder: string;
  readonly vocabularyFingerprint: string;
  readonly client: (endpoint: string) => DraftClient;
  readonly now: () => number;
  /** Default: a thread. */
  readonly start?: (data: TranslatorData) => Translator;
}

export class DraftVocabularies {
  readonly #drafts = new Map<string, Draft>();
  readonly #fetched = new Map<string, Fetched>();
  readonly #closing = new AbortController();

  constructor(private readonly options: DraftVocabulariesOptions) {}

  /**
   * Resolves when the draft has answered, or won't: at once if it has been asked before. Never rejects. After a while it is
   * asked again, since another one may have taken its address: until it answers, what it said before holds.
   */
  ask(endpoint: string): Promise<void> {
    const known = this.#drafts.get(endpoint);
    if (known !== undefined && !this.#isOver(known.askedAt)) return known.asked;
    const answer = this.#ask(endpoint);
    const asked = known?.info === undefined ? answer : known.asked;
    this.#drafts.delete(endpoint);
    this.#drafts.set(endpoint, {
      asked,
      askedAt: this.options.now(),
      ...(known?.info && { info: known.info }),
    });
    if (this.#drafts.size > MOST_DRAFTS) this.#drafts.delete(this.#drafts.keys().next().value as string);
    return asked;
  }

  /** Undefined: the target's, or not known: then the draft itself refuses tokens of another vocabulary. */
  foreign(endpoint: string): ForeignVocabulary | undefined {
    const info = this.infoOf(endpoint);
    return info?.vocabularyFingerprint === this.options.vocabularyFingerprint ? undefined : info;
  }

  /** Undefined until the draft has answered. */
  infoOf(endpoint: string): ModelInfo | undefined {
    return this.#drafts.get(endpoint)?.info;
  }

  /** The draft has refused: it isn't what it was. */
  forget(endpoint: string): void {
    this.#drafts.delete(endpoint);
  }

  /** @throws AppError unavailable: it is being fetched, from now on; else why there is none. */
  translator({ vocabularyFingerprint }: ForeignVocabulary, endpoint: string): Translator {
    const known = this.#fetched.get(vocabularyFingerprint);
    if (known !== undefined) known.usedAt = this.options.now();
    const failure = known?.failure ?? known?.translator?.failure;
    if (known === undefined || (failure !== undefined && this.#isOver(known.since)))
      this.#fetch(vocabularyFingerprint, endpoint);
    else if (failure !== undefined) throw failure;
    else if (known.translator?.isReady) return known.translator;
    throw new AppError('unavailable', `The tokenizer of ${endpoint} is still being fetched.`);
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await Promise.all([...this.#fetched.values()].map(({ translator }) => translator?.close()));
  }

  async #ask(endpoint: string): Promise<void> {
    try {
      const signal = AbortSignal.any([this.#closing.signal, AbortSignal.timeout(ASK_TIMEOUT_MS)]);
      const info = await this.options.client(endpoint).modelInfo(signal);
      const draft = this.#drafts.get(endpoint);
      if (draft !== undefined) draft.info = info;
    } catch {
      // It will be asked again; meanwhile whoever asks it for tokens learns what is wrong with it.
    }
  }

  #fetch(fingerprint: string, endpoint: string): void {
    const since = this.options.now();
    this.#drop(fingerprint);
    if (this.#fetched.size >= MOST_TRANSLATORS) this.#drop(this.#longUnused());
    const fetched: Fetched = { since, usedAt: since };
    this.#fetched.set(fingerprint, fetched);
    const signal = AbortSignal.any([this.#closing.signal, AbortSignal.timeout(FETCH_TIMEOUT_MS)]);
    const { client, targetFolder, start = (data) => new Translator(data) } = this.options;
    client(endpoint)
      .tokenizer(signal)
      .then(
        (draft) => {
          // Not if it was dropped meanwhile.
          if (this.#closing.signal.aborted || this.#fetched.get(fingerprint) !== fetched) return;
          fetched.translator = start({ targetFolder, draft, fingerprint });
        },
        (error: unknown) => {
          fetched.failure = withoutTokenizer(endpoint, AppError.from(error));
        },
      );
  }

  #drop(fingerprint: string): void {
    void this.#fetched.get(fingerprint)?.translator?.close();
    this.#fetched.delete(fingerprint);
  }

  /** The vocabulary that may make room for another one. */
  #longUnused(): string {
    const [[fingerprint, { usedAt }]] = [...this.#fetched].sort(([, a], [, b]) => a.usedAt - b.usedAt) as [
      [string, Fetched],
    ];
    if (this.#isOver(usedAt)) return fingerprint;
    throw new AppError('resource_exhausted', `Drafts of ${MOST_TRANSLATORS} other vocabularies are in use.`);
  }

  #isOver(since: number | undefined): boolean {
    return since !== undefined && this.options.now() - since > RETRY_AFTER_MS;
  }
}

function withoutTokenizer(endpoint: string, cause: AppError): AppError {
  const message = `${endpoint} has another vocabulary than the target and its tokenizer can't be had: ${cause.message}`;
  return new AppError('failed_precondition', message, { cause });
}
