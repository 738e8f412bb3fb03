// One generation inside the worker thread: the round loop with its ports. It lives beside the model, so that no round
// waits for a hop between threads; the main thread only sees committed tokens.
import type { GrammarFollower } from '#libs/grammar/index.js';
import type { GenerateRequest, GenerateResponse, ModelInfo } from '#libs/rpc/index.js';
import { decode } from '#libs/speculative/index.js';
import type { DraftingSources } from './drafting.js';
import { EngineVerifier } from './engine-verifier.js';
import { GenerationGrammar } from './generation-grammar.js';
import { GrammarLiterals } from './grammar-literals.js';
import type { Target } from './verify.js';

/** Longest wait for a proposal before the round goes on without it. */
const DRAFT_DEADLINE_MS = 1000;

export interface GenerateContext {
  readonly target: Target;
  readonly drafting: DraftingSources;
  readonly grammars: GrammarFollower;
  readonly info: Pick<ModelInfo, 'contextLength' | 'vocabSize'>;
  /** The model's own end tokens. */
  readonly endTokenIds: readonly number[];
}

/** The request with the slot it may use, and only such draft endpoints as may be dialled. */
export interface GenerateCall
  extends Omit<GenerateRequest, 'sessionId' | 'fencingGeneration' | 'tenant' | 'priority'> {
  readonly slotKey: string;
  /** The slot is this call's alone: nobody will ever ask for it again. */
  readonly dropsSlot: boolean;
  /** Whose work it is, where work waits. */
  readonly claim?: { readonly tenant: string | undefined; readonly priority: number | undefined };
}

export async function* generate(
  context: GenerateContext,
  call: GenerateCall,
  signal: AbortSignal,
): AsyncGenerator<GenerateResponse> {
  const { target, drafting, info } = context;
  const grammar = grammarOf(context, call);
  const literals = grammar && new GrammarLiterals(grammar, context.grammars.literalTokens);
  const { proposer, gamma, close } = drafting.start(call.speculation, call.draftEndpoints, literals);
  // After a failover a part of the output came with the call.
  const output = call.tokens.slice(call.promptLength);
  const rounds = decode(
    {
      sessionId: call.slotKey,
      promptTokens: call.tokens,
      promptLength: call.promptLength,
      cacheSalt: call.cacheSalt,
      sampling: call.sampling,
      maxTokens: call.maxTokens,
      contextLength: info.contextLength,
      stopTokenIds: grammar?.stopTokenIds ?? new Set(call.stopTokenIds),
      vocabSize: info.vocabSize,
    },
    {
      verifier: new EngineVerifier(target, call, grammar),
      proposer,
      gamma,
      draftDeadlineMs: DRAFT_DEADLINE_MS,
      now: () => performance.now(),
    },
    signal,
  );
  try {
    let isFirst = true;
    for await (const { tokens, finishReason, logprobs, promptLogprobs, ...round } of rounds) {
      const cachedTokens = isFirst ? round.cachedTokens : 0;
      output.push(...tokens);
      yield {
        tokens,
        round: { ...round, cachedTokens },
        ...(finishReason !== undefined && { finishReason }),
        ...(logprobs && { logprobs }),
        ...(promptLogprobs && { promptLogprobs }),
      };
      isFirst = false;
    }
  } finally {
    close();
    drafting.remember(call.cacheSalt, output);
    if (call.dropsSlot) target.slots.delete(call.slotKey);
    grammar?.release();
  }
}

function grammarOf(
  { grammars, endTokenIds }: GenerateContext,
  { grammar: spec, requestId, stopTokenIds }: GenerateCall,
): GenerationGrammar | undefined {
  if (spec === undefined) return undefined;
  return new GenerationGrammar(grammars, { spec, requestId, endTokenIds, stopTokenIds });
}
