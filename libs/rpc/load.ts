// Loads the protocol at run time from the package's proto/ folder: the one place where generated types and loaded
// definitions meet. The options mirror the flags of `npm run proto`; proto.spec.ts checks that they agree.
import { fileURLToPath } from 'node:url';
import { loadSync, type Options, type PackageDefinition } from '@grpc/proto-loader';
import type { DraftServiceDefinition } from './generated/outrider/v1/DraftService.js';
import type { GenerationServiceDefinition } from './generated/outrider/v1/GenerationService.js';
import type { VerifierServiceDefinition } from './generated/outrider/v1/VerifierService.js';

/** dist/libs/rpc/load.js lies three folders below the package root. */
export const PACKAGE_ROOT = fileURLToPath(new URL('../../../', import.meta.url));

export const PROTO_FILES = [
  'outrider/v1/generation.proto',
  'outrider/v1/verifier.proto',
  'outrider/v1/draft.proto',
] as const;

export const LOADER_OPTIONS: Options = {
  longs: String,
  enums: String,
  defaults: true,
  oneofs: true,
  includeDirs: [`${PACKAGE_ROOT}proto`],
};

export interface Protocol {
  readonly definition: PackageDefinition;
  readonly draft: DraftServiceDefinition;
  readonly verifier: VerifierServiceDefinition;
  readonly generation: GenerationServiceDefinition;
}

let loaded: Protocol | undefined;

/** The protocol, read from disk on first use. */
export function protocol(): Protocol {
  loaded ??= load();
  return loaded;
}

function load(): Protocol {
  const definition = loadSync([...PROTO_FILES], LOADER_OPTIONS);
  return {
    definition,
    draft: definition['outrider.v1.DraftService'] as unknown as DraftServiceDefinition,
    verifier: definition['outrider.v1.VerifierService'] as unknown as VerifierServiceDefinition,
    generation: definition['outrider.v1.GenerationService'] as unknown as GenerationServiceDefinition,
  };
}
