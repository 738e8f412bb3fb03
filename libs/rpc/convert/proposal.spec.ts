import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Proposal } from '#libs/sampling/index.js';
import type { Proposal__Output as WireProposal } from '../generated/outrider/v1/Proposal.js';
import { MAX_Q_ROW_LENGTH } from '../limits.js';
import { protocol } from '../load.js';
import { certain } from '../testing.js';
import { proposalFromWire, proposalToWire } from './proposal.js';

/** Through real bytes, as a peer would receive it. */
function onTheWire(proposal: Proposal): WireProposal {
  const { responseSerialize, responseDeserialize } = protocol().draft.Propose;
  const bytes = responseSerialize({ round: 1, proposal: proposalToWire({ proposal, computeMs: 2.5 }) });
  return responseDeserialize(bytes).proposal!;
}

const SAMPLED: Proposal = {
  mode: 'sampled',
  tokens: Uint32Array.of(4, 9),
  qIds: Uint32Array.of(4, 5, 9),
  qProbabilities: Float32Array.of(0.75, 0.25, 1),
  qOffsets: Uint32Array.of(0, 2, 3),
};

const wire = onTheWire(SAMPLED);

test('any proposal survives the wire, bit for bit', () => {
  const row = fc.array(fc.tuple(fc.nat(0xffffffff), fc.float()), { minLength: 1, maxLength: 5 });
  const rows = fc.array(fc.tuple(fc.nat(0xffffffff), row), { maxLength: 6 });
  const property = fc.property(rows, (drawn) => {
    const entries = drawn.flatMap(([, list]) => list);
    const offsets = [0];
    for (const [, list] of drawn) offsets.push(offsets.at(-1)! + list.length);
    const proposal: Proposal = {
      mode: 'sampled',
      tokens: Uint32Array.from(drawn, ([token]) => token),
      qIds: Uint32Array.from(entries, ([id]) => id),
      qProbabilities: Float32Array.from(entries, ([, probability]) => probability),
      qOffsets: Uint32Array.from(offsets),
    };
    assert.deepEqual(proposalFromWire(onTheWire(proposal), 6), { proposal, computeMs: 2.5 });
  });
  fc.assert(property, { numRuns: 100 });
});

test('a deterministic proposal survives the wire, the empty one too', () => {
  for (const proposal of [certain(3, 1), certain()])
    assert.deepEqual(proposalFromWire(onTheWire(proposal), 2), { proposal, computeMs: 2.5 });
});

test('confidences and work ahead travel beside the tokens', () => {
  const message = { proposal: certain(3, 1), computeMs: 1, confidences: [0.5, 0.25], draftedAhead: 1 };
  const { responseSerialize, responseDeserialize } = protocol().draft.Propose;
  const bytes = responseSerialize({ round: 1, proposal: proposalToWire(message) });
  assert.deepEqual(proposalFromWire(responseDeserialize(bytes).proposal!, 2), message);
});

const LIES: readonly [string, Partial<WireProposal>, string][] = [
  ['more tokens than were asked for', { tokens: [1, 2, 3] }, 'proposal.tokens'],
  ['ids cut within a word', { qIds: wire.qIds.subarray(0, 11) }, 'proposal.q_ids'],
  ['ids cut between words', { qIds: wire.qIds.subarray(0, 8) }, 'proposal.q_ids'],
  ['probabilities cut within a word', { qProbabilities: Buffer.alloc(5) }, 'proposal.q_probabilities'],
  ['too many probabilities', { qProbabilities: Buffer.alloc(16) }, 'proposal.q_probabilities'],
  ['fewer rows than tokens', { qRowLengths: [3] }, 'proposal.q_row_lengths'],
  ['more rows than tokens', { qRowLengths: [1, 1, 1] }, 'proposal.q_row_lengths'],
  ['rows that need more ids than there are', { qRowLengths: [2, 2] }, 'proposal.q_ids'],
  ['an empty row', { qRowLengths: [3, 0] }, 'proposal.q_row_lengths'],
  ['a row beyond the cap', { qRowLengths: [MAX_Q_ROW_LENGTH + 1, 1] }, 'proposal.q_row_lengths'],
  ['row lengths that overflow 32 bits', { qRowLengths: [0xffffffff, 4] }, 'proposal.q_row_lengths'],
  ['a q with a deterministic mode', { mode: 'PROPOSAL_MODE_DETERMINISTIC' }, 'proposal.q_ids'],
  ['no mode', { mode: 'PROPOSAL_MODE_UNSPECIFIED' }, 'proposal.mode'],
  ['a mode from the future', { mode: 7 as unknown as 'PROPOSAL_MODE_SAMPLED' }, 'proposal.mode'],
  ['a time that is no number', { computeMs: Number.NaN }, 'proposal.compute_ms'],
  ['more drafted ahead than there is', { draftedAhead: 3 }, 'proposal.drafted_ahead'],
  ['a negative time', { computeMs: -1 }, 'proposal.compute_ms'],
  ['fewer confidences than tokens', { confidences: [0.5] }, 'proposal.confidences'],
  ['a confidence above 1', { confidences: [0.5, 1.5] }, 'proposal.confidences'],
  ['a confidence that is no number', { confidences: [Number.NaN, 1] }, 'proposal.confidences'],
];

for (const [lie, change, field] of LIES)
  test(`a proposal with ${lie} is refused`, () => {
    assert.throws(() => proposalFromWire({ ...wire, ...change }, 2), { code: 'invalid_argument', field });
  });
