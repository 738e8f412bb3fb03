// What the tests of the remote proposer share: a draft with honest books, and a proposer with a clock of its own.
import type { TestContext } from 'node:test';
import { GREEDY } from '#libs/sampling/index.js';
import type { ProposeRequest, ProposeResponse } from '../messages.js';
import { certain, poolFor } from '../testing.js';
import { CircuitBreaker } from './circuit-breaker.js';
import { DraftClient } from './draft-client.js';
import { RemoteProposer, type RemoteProposerOptions } from './remote-proposer.js';

export const PLAN = { maxTokens: 4, minConfidence: 0 };

export function sequence(...tokens: number[]) {
  return { sessionId: 's-1', tokens, promptLength: tokens.length, sampling: GREEDY };
}

/** A draft that keeps books of one session, as a real one does, and answers with the number of tokens it holds. */
export class Draft {
  readonly requests: ProposeRequest[] = [];
  held = 0;

  readonly propose = async function* (this: Draft, requests: AsyncIterable<ProposeRequest>) {
    for await (const request of requests) yield await this.answer(request);
  }.bind(this);

  async answer(request: ProposeRequest): Promise<ProposeResponse> {
    const { round, prefixLength, tokens } = request;
    this.requests.push(request);
    if (prefixLength > this.held) return { round, outcome: 'session_lost' };
    this.held = prefixLength + tokens.length;
    return { round, outcome: 'proposal', proposal: certain(this.held), computeMs: 0.5 };
  }
}

interface Setup {
  readonly proposer: RemoteProposer;
  readonly clock: { ms: number };
}

export function setUp(
  t: TestContext,
  endpoints: string[],
  options: Partial<RemoteProposerOptions> = {},
): Setup {
  const pool = poolFor(t);
  const clock = { ms: 0 };
  const now = () => clock.ms;
  const breaker = new CircuitBreaker({ now });
  const drafts = endpoints.map((endpoint) => new DraftClient(endpoint, pool));
  const proposer = new RemoteProposer({ drafts, breaker, now, proposalTimeoutMs: 10_000, ...options });
  t.after(() => proposer.close());
  return { proposer, clock };
}

export async function tokensOf(proposal: ReturnType<RemoteProposer['propose']>): Promise<number[]> {
  return [...(await proposal).proposal.tokens];
}
