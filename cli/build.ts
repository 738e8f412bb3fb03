// `outrider build`: turns a checkpoint that the user has into a model folder.

import { z } from 'zod';
import { validated } from '#libs/errors/index.js';
import { quantisationOf } from './quantisation.js';
import { required } from './required.js';
import { buildSmoothed } from './smoothed-build.js';

const embeddingBitsSchema = z
  .enum(['4', '8', '32'])
  .transform((bits) => Number(bits) as 4 | 8 | 32)
  .optional();

export interface BuildArguments {
  /** Checkpoint, output folder. */
  readonly operands: readonly string[];
  readonly name: string | undefined;
  readonly quantisation: string | undefined;
  /** Bits of the embedding, where they differ from the other weights'. */
  readonly embeddingBits: string | undefined;
  /** SPDX identifier of the weights' licence. */
  readonly license: string | undefined;
  /** For drafts: the target's model folder, whose vocabulary they share. */
  readonly draftOf: string | undefined;
}

export async function build(args: BuildArguments, signal: AbortSignal): Promise<void> {
  const embeddingBits = validated(embeddingBitsSchema, args.embeddingBits, '--embedding-bits');
  const manifest = await buildSmoothed({
    source: required(args.operands[0], 'CHECKPOINT'),
    out: required(args.operands[1], 'FOLDER'),
    name: required(args.name, '--name'),
    license: args.license ?? 'unknown',
    quantisation: quantisationOf(args.quantisation) ?? 'q8',
    ...(embeddingBits !== undefined && { embeddingBits }),
    ...(args.draftOf !== undefined && { tokenizerFrom: args.draftOf }),
    signal,
  });
  const bytes = Object.values(manifest.files).reduce((sum, file) => sum + file.bytes, 0);
  process.stdout.write(`Built ${manifest.name} (${manifest.quantisation}, ${Math.round(bytes / 1e6)} MB).\n`);
}
