// Every way to draft, as one table: each source must keep the target's law in every verification mode, and each of its
// mistakes must be caught in the modes that it breaks. A new source is one more entry.
import { sampledProposal, type VerificationMode } from '#libs/sampling/index.js';
import { ConstantGamma, PromptLookup, type Proposer, SuffixLookup } from '#libs/speculative/index.js';
import * as cast from './cast.js';
import { trustsDraft } from './coupled-controls.js';
import { somePast } from './drafting-cases.js';
import { PROMPT, type Simulation } from './simulate.js';
import type { SourcePorts, Toy, ToySource } from './source.js';
import { mixedChain } from './source-chain.js';
import type { ToyModel } from './toy-models.js';
import { toyProposer, toyVerifier, type VerifierOptions } from './toy-ports.js';
import { selfDraft } from './toy-self-draft.js';
import { toyUniversalProposer } from './toy-translation.js';

const PAST = somePast();
const lookup = () => new PromptLookup([3, 1]);
const draftModel = ({ target, sampling }: Toy) =>
  toyProposer(cast.closeDraft(target, 2), sampling, { promptLength: PROMPT.length });
const skippedOf = (target: ToyModel) => cast.closeDraft(target, 7, 3);

function selfDraftOf({ target, verifierOf }: Toy, keepsSkipped = false): () => SourcePorts {
  const skipped = skippedOf(target);
  const models = { skipped, verifier: verifierOf(target), spoiltVerifier: verifierOf(skipped), keepsSkipped };
  return () => selfDraft(models);
}

/** What coins are for: the coupled mode reads no q. */
const SAID_TO_BE_DRAWN = { breaks: ['ratio', 'block'] } as const;

export const SOURCES: Readonly<Record<string, ToySource>> = {
  draft_model: { open: (toy) => () => ({ proposer: draftModel(toy) }) },
  prompt_lookup: {
    open: () => () => ({ proposer: lookup() }),
    mistakes: {
      'a match that is said to have been drawn': {
        open: () => () => ({ proposer: declaredAsDrawn(lookup()) }),
        ...SAID_TO_BE_DRAWN,
      },
    },
  },
  suffix: {
    open: () => () => ({ proposer: new SuffixLookup(PAST) }),
    mistakes: {
      'a continuation that is said to have been drawn': {
        open: () => () => ({ proposer: declaredAsDrawn(new SuffixLookup(PAST)) }),
        ...SAID_TO_BE_DRAWN,
      },
    },
  },
  layer_skip: {
    open: (toy) => selfDraftOf(toy),
    mistakes: {
      'keys and values of skipped passes that the verification reads': {
        open: (toy) => selfDraftOf(toy, true),
        breaks: ['ratio', 'block', 'coupled'],
      },
    },
  },
  universal: {
    open: () => () => ({ proposer: toyUniversalProposer() }),
    mistakes: {
      'a translation that is said to have been drawn': {
        open: () => () => ({ proposer: declaredAsDrawn(toyUniversalProposer()) }),
        ...SAID_TO_BE_DRAWN,
      },
    },
  },
  chain: {
    mayFail: true,
    open: (toy) => {
      const selfDrafting = selfDraftOf(toy);
      return mixedChain(() => {
        const { proposer: layerSkip, verifier } = selfDrafting();
        const universal = toyUniversalProposer();
        return {
          free: { lookup: lookup(), suffix: new SuffixLookup(PAST) },
          dear: { draft: draftModel(toy), universal, layerSkip: layerSkip! },
          verifier,
        };
      });
    },
  },
};

/** In every mode: what the source drafts is taken as it is. */
export const TRUSTED = 'a draft that is not verified';

/** A mistake: what was certain is said to be a draw between two tokens. */
function declaredAsDrawn(proposer: Proposer, vocabSize = VOCAB_SIZE): Proposer {
  return {
    async propose(sequence, plan, signal) {
      const answer = await proposer.propose(sequence, plan, signal);
      const { tokens } = answer.proposal;
      const rows = Array.from(tokens, (token) => {
        const ids = Uint32Array.from([token, (token + 1) % vocabSize].sort((a, b) => a - b));
        return { ids, weights: Float32Array.from(ids, () => 0.5), mass: 1 };
      });
      return { ...answer, proposal: sampledProposal(tokens, rows) };
    },
  };
}

/** The toy translation's. */
const VOCAB_SIZE = 4;
const NUM_SEQUENCES = { exact: 8_000, mistaken: 1_500 };

/** @param name A source, or a source and one of its mistakes: `source, mistake`. */
export function simulationOfSource(name: string, verification: VerificationMode): Simulation {
  const [sourceName, mistake] = split(name);
  const target = cast.randomTarget(VOCAB_SIZE, 31);
  const params = { ...cast.PLAIN, verification };
  const sampling = { ...params, seed: 0n };
  const options: VerifierOptions = {
    promptLength: PROMPT.length,
    ...(mistake === TRUSTED && { rule: trustsDraft() }),
  };
  const verifierOf = (model: ToyModel) => toyVerifier(model, sampling, options);
  const source = SOURCES[sourceName]!;
  const open = source.mistakes?.[mistake!]?.open ?? source.open;
  const portsOf = open({ target, sampling, verifierOf });
  const verifier = verifierOf(target);
  return {
    target,
    params,
    length: 4,
    slack: 9,
    ports: () => ({ verifier, gamma: new ConstantGamma(4), ...portsOf() }),
    numSequences: mistake === undefined ? NUM_SEQUENCES.exact : NUM_SEQUENCES.mistaken,
  };
}

const SEPARATOR = ', ';

function split(name: string): [string, string | undefined] {
  const at = name.indexOf(SEPARATOR);
  return at < 0 ? [name, undefined] : [name.slice(0, at), name.slice(at + SEPARATOR.length)];
}

export function mistakeName(source: string, mistake: string): string {
  return source + SEPARATOR + mistake;
}
