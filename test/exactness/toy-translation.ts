// Two toy vocabularies whose tokens spell the same letters differently, and a draft of the one for a target of the other:
// the product's own translation, without its thread.
import type { Proposer } from '#libs/speculative/index.js';
import type { Codec } from '../../services/verifier/universal/codec.js';
import { Translations } from '../../services/verifier/universal/translations.js';
import { UniversalProposer } from '../../services/verifier/universal/universal-proposer.js';
import { type ToyModel, toyModel } from './toy-models.js';
import { toyProposer } from './toy-ports.js';

const TARGET = ['a', 'b', 'ab', 'bba'];
const DRAFT = ['a', 'b', 'aa', 'bb', 'abb'];

function codec(tokens: readonly string[]): Codec {
  const longestFirst = tokens
    .map((token, id) => ({ token, id }))
    .sort((a, b) => b.token.length - a.token.length);
  return {
    encode: (text) => {
      const ids: number[] = [];
      for (let at = 0; at < text.length; ) {
        const { token, id } = longestFirst.find((each) => text.startsWith(each.token, at))!;
        ids.push(id);
        at += token.length;
      }
      return ids;
    },
    bytesOf: (id) => Buffer.from(tokens[id]!),
    specialName: () => undefined,
    specialId: () => undefined,
    bosTokenId: undefined,
    eosTokenId: undefined,
    startsWithBos: false,
  };
}

const DRAFT_MODEL: ToyModel = toyModel(DRAFT.length, 3, (_row, _token, random) => 3 * random());

export function toyUniversalProposer(): Proposer {
  const translations = new Translations(codec(TARGET), codec(DRAFT));
  const remote: Proposer = {
    // Drafts as it is told, which is greedily whatever the request is.
    propose: (sequence, plan, signal) =>
      toyProposer(DRAFT_MODEL, sequence.sampling).propose(sequence, plan, signal),
  };
  return new UniversalProposer(remote, { run: async (job) => translations.run(job) as never });
}
