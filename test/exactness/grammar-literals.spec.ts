// Texts that a grammar forces, drafted as tokens: the text is certain, the tokens that it is cut into are the target's to
// choose. And what must not be done with drafts that a grammar refuses.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { GrammarFollower, type GrammarSpec, packVocabulary } from '#libs/grammar/index.js';
import { sampledProposal } from '#libs/sampling/index.js';
import { ConstantGamma, type Proposer, type Sequence } from '#libs/speculative/index.js';
import { GrammarLiterals } from '../../services/verifier/grammar-literals.js';
import * as cast from './cast.js';
import { trustsDraft } from './coupled-controls.js';
import { PROMPT, type Simulation, simulate, summary } from './simulate.js';
import { type GrammarView, grammarVerifier, languageOf, positionWise } from './toy-grammar.js';
import { toyProposer } from './toy-ports.js';

const TEXTS = ['a', 'b', 'ab', 'd'];
const END_TOKEN = TEXTS.length;
const PATTERN = '(abab|bd)*d';
const SPEC: GrammarSpec = { kind: 'regex', pattern: PATTERN };
const isAllowed = languageOf(PATTERN, ['a', 'b', 'd'], TEXTS);
const BYTES = [...TEXTS.map((text) => new TextEncoder().encode(text)), new Uint8Array(0)];
const follower = new GrammarFollower({ vocabulary: packVocabulary(BYTES, [END_TOKEN]) });
after(() => follower.close());

const target = cast.randomTarget(BYTES.length, 21);
const sampling = { ...cast.PLAIN, seed: 0n };
const draft = toyProposer(cast.closeDraft(target, 2), sampling, { promptLength: PROMPT.length });
const generatedOf = ({ tokens, promptLength }: Sequence) => tokens.slice(promptLength);

function simulationOf(proposer: Proposer, numSequences: number, view?: GrammarView): Simulation {
  return {
    target,
    params: cast.PLAIN,
    length: 4,
    slack: 6,
    stopTokenIds: new Set([END_TOKEN]),
    isAllowed,
    ports: () => ({
      verifier: grammarVerifier(target, sampling, follower, view, SPEC),
      proposer,
      gamma: new ConstantGamma(4),
    }),
    numSequences,
  };
}

/** Literals where there are any, else the draft model. */
function literals(): Proposer & { drafted: number } {
  const counted = {
    drafted: 0,
    async propose(sequence: Sequence, ...rest: [Parameters<Proposer['propose']>[1], AbortSignal]) {
      const grammar = {
        key: PATTERN,
        literal: () => follower.literal(SPEC, { generationId: 'l', generated: generatedOf(sequence) }),
      };
      // A new look each time; what was learnt of the tokens stays.
      const own = new GrammarLiterals(grammar, follower.literalTokens);
      const answer = await own.propose(sequence, rest[0]);
      counted.drafted += answer.proposal.tokens.length;
      return answer.proposal.tokens.length > 0 ? answer : draft.propose(sequence, ...rest);
    },
  };
  return counted;
}

test('forced texts drafted as tokens keep the law of the target within the grammar', async (t) => {
  const proposer = literals();
  const result = await simulate(simulationOf(proposer, 4_000));
  t.diagnostic(summary(result));
  assert.ok(result.pValue > 1e-4, summary(result));
  assert.ok(proposer.drafted > 1_000, `${proposer.drafted} tokens of literals were drafted`);
});

test('is caught: a forced text whose tokens are taken as they are', async (t) => {
  const view = { ...positionWise, rule: trustsDraft() };
  const result = await simulate(simulationOf(literals(), 1_000, view));
  t.diagnostic(summary(result));
  assert.ok(result.pValue < 1e-12, summary(result));
});

/** The draft up to its first token that the grammar refuses. @param own Which law it is said to be drawn from. */
function cutAtRefused(isRenormalised: boolean): Proposer {
  return {
    async propose(sequence, plan, signal) {
      const answer = await draft.propose(sequence, plan, signal);
      const { tokens, qIds, qProbabilities, qOffsets } = answer.proposal;
      const path = generatedOf(sequence);
      const [kept, rows]: [number[], Parameters<typeof sampledProposal>[1][number][]] = [[], []];
      for (const [i, token] of tokens.entries()) {
        if (!isAllowed(path, token) || path.includes(END_TOKEN)) break;
        const entries = Array.from(
          qIds.subarray(qOffsets[i], qOffsets[i + 1]),
          (id, j) => [id, qProbabilities[qOffsets[i]! + j]!] as const,
        ).filter(([id]) => !isRenormalised || isAllowed(path, id));
        const mass = entries.reduce((sum, [, weight]) => sum + weight, 0);
        const weights = Float32Array.from(entries, ([, weight]) => weight / mass);
        rows.push({ ids: Uint32Array.from(entries, ([id]) => id), weights, mass: 1 });
        kept.push(token);
        path.push(token);
      }
      return { ...answer, proposal: sampledProposal(kept, rows) };
    },
  };
}

test('a draft cut before the first refused token is exact if its laws are those of allowed tokens', async (t) => {
  const result = await simulate(simulationOf(cutAtRefused(true), 4_000));
  t.diagnostic(summary(result));
  assert.ok(result.pValue > 1e-4, summary(result));
});

test('is caught: the same cut, with the laws as they were drawn from', async (t) => {
  const result = await simulate(simulationOf(cutAtRefused(false), 6_000));
  t.diagnostic(summary(result));
  assert.ok(result.pValue < 1e-12, summary(result));
});
