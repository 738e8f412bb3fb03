// What the sessions of the load bench ask, as the simulator sees it: the same prompts by their rows, the answers by the
// recorded acceptance of the same prompts.
import { readFileSync } from 'node:fs';
import { openModelFolder } from '#libs/models/index.js';
import { Tokenizer } from '#libs/tokenizer/index.js';
import { seededRandom } from '#libs/tuning/index.js';
import { realModels } from '../../test/support/models.js';
import type { Mode } from '../load/cell.js';
import { type Acceptance, acceptanceChance } from '../load/cost-table.js';
import { type MixedRequest, type MixOptions, mixedRequests } from '../load/prompt-mix.js';
import { type RecordedTrace, recordedAnswer } from './acceptance.js';
import type { Lessons } from './lessons.js';
import type { SimulatedRequest } from './simulated-request.js';

const TRACES = new URL('../../../test/fixtures/acceptance-traces.json', import.meta.url);

export class RecordedRequests {
  /** The chance of a drafted token in the recording. */
  readonly recorded: number;
  readonly #parts = new Map<string, readonly number[]>();

  private constructor(
    private readonly tokenizer: Tokenizer,
    private readonly traces: readonly RecordedTrace[],
    /** Tokens that all prompts begin with: found in some slot's cache. */
    private readonly sharedTokens: number,
    /** Tokens around the content of a chat's only message. */
    private readonly frameTokens: number,
  ) {
    const drafts = traces.flatMap((trace) => trace.accepted.map((accepted) => ({ drafted: 8, accepted })));
    this.recorded = acceptanceChance(drafts);
  }

  static async open(): Promise<RecordedRequests> {
    const { targetFolder } = await realModels();
    const tokenizer = await Tokenizer.load((await openModelFolder(targetFolder)).folder);
    const traces = JSON.parse(readFileSync(TRACES, 'utf8')) as RecordedTrace[];
    const [one, other] = ['a', 'b'].map((text) => chatTokens(tokenizer, text)) as [number[], number[]];
    const shared = one.findIndex((token, i) => token !== other[i]);
    return new RecordedRequests(tokenizer, traces, shared, chatTokens(tokenizer, '').length);
  }

  /**
   * One session's requests.
   * @param seen Beginnings that the verifier's caches hold.
   * @param acceptance As measured; undefined: as recorded.
   * @param lessons What the verifier's generations teach each other.
   */
  *of(
    { seed, mix }: { readonly seed: number; readonly mix: MixOptions | undefined },
    seen: Set<string>,
    maxTokens: number,
    acceptance: Acceptance | undefined,
    lessons: Lessons,
    mode: Mode,
  ): Generator<SimulatedRequest, never> {
    const random = seededRandom(seed + 0.5);
    for (const request of mixedRequests(seed, maxTokens, mix)) {
      const known = numKnown(request.parts, seen);
      const chance = acceptance?.[request.temperature === 0 ? 'greedy' : 'sampled'];
      const kept = chance === undefined ? 1 : Math.min(1, chance / this.recorded);
      const trace = this.traces[request.prompt]!;
      yield {
        prompt: request.parts.flatMap((part) => this.#tokens(part)),
        promptRows: this.#rowsOf(request, known),
        answer: recordedAnswer(trace, request.maxTokens, kept, random),
        start: (draftModel) => lessons.start(mode, draftModel),
      };
    }
    throw new Error('Requests never end.');
  }

  /** Part by part: most are asked again and again, and a seam is about one token. @param known Parts found in a cache. */
  #rowsOf({ parts }: MixedRequest, known: number): number {
    if (known === parts.length) return 1;
    const frame = this.frameTokens - this.sharedTokens - 1;
    return parts.slice(known).reduce((rows, part) => rows + 1 + this.#tokens(part).length, frame);
  }

  #tokens(text: string): readonly number[] {
    let tokens = this.#parts.get(text);
    if (tokens === undefined) {
      tokens = this.tokenizer.encode(text, { addSpecialTokens: false });
      this.#parts.set(text, tokens);
    }
    return tokens;
  }
}

/** How many parts at the beginning are in a cache: whatever was asked before is, since caches hold more than a run asks. */
function numKnown(parts: readonly string[], seen: Set<string>): number {
  const beginnings = parts.map((_, i) => parts.slice(0, i + 1).join('\0'));
  const known = beginnings.findLastIndex((beginning) => seen.has(beginning)) + 1;
  for (const beginning of beginnings) seen.add(beginning);
  return known;
}

function chatTokens(tokenizer: Tokenizer, content: string): number[] {
  return tokenizer.encode(tokenizer.applyChatTemplate([{ role: 'user', content }]), {
    addSpecialTokens: false,
  });
}
