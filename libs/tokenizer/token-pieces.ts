// What each token stands for when text is put together again: bytes of UTF-8, or text that ends any byte sequence.
// Reading tokenizer.json's decoder once into such a table makes streaming exact: no window is ever decoded twice.
import { z } from 'zod';
import { AppError } from '#libs/errors/index.js';
import { BYTE_OF_CHARACTER } from './byte-level.js';

/** Bytes may be the middle of a character; text is whole and follows whatever bytes came before. */
export type TokenPiece = Uint8Array | string;

export interface DecoderRules {
  /** `added`: the token is written as plain text in added_tokens, not in the model's alphabet. */
  pieceOf(token: string, added: boolean): TokenPiece;
  /** Spaces that are dropped where a text begins. */
  readonly leadingSpaces: number;
}

const stepSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('ByteLevel') }),
  z.object({ type: z.literal('ByteFallback') }),
  z.object({ type: z.literal('Fuse') }),
  z.object({
    type: z.literal('Replace'),
    pattern: z.object({ String: z.string().min(1) }),
    content: z.string(),
  }),
  z.object({ type: z.literal('Strip'), content: z.literal(' '), start: z.int().min(0), stop: z.literal(0) }),
]);
const decoderSchema = z.union([
  stepSchema,
  z.object({ type: z.literal('Sequence'), decoders: z.array(stepSchema) }),
]);

type Step = z.infer<typeof stepSchema>;

/** Throws `failed_precondition` for decoders that cannot be streamed by this table. */
export function readDecoder(decoder: unknown): DecoderRules {
  const parsed = decoderSchema.safeParse(decoder);
  const steps = !parsed.success ? [] : parsed.data.type === 'Sequence' ? parsed.data.decoders : [parsed.data];
  const types = steps.map(({ type }) => type).join(' ');
  if (types === 'ByteLevel')
    return { pieceOf: (token, added) => (added ? token : bytesOfCharacters(token)), leadingSpaces: 0 };
  // The order matters: stripping before fusing would strip every token, not the whole text.
  if (!/^(Replace )*ByteFallback Fuse( Strip)?$/.test(types)) {
    const given = JSON.stringify(decoder)?.slice(0, 200);
    throw new AppError(
      'failed_precondition',
      `tokenizer.json has a decoder that is not supported: ${given}. Supported: ByteLevel; ` +
        'a Sequence of Replace (string), ByteFallback, Fuse and, at the end, Strip of leading spaces.',
    );
  }
  const strip = steps.find((step) => step.type === 'Strip');
  return { pieceOf: (token) => byteOrText(token, steps), leadingSpaces: strip?.start ?? 0 };
}

function bytesOfCharacters(token: string): TokenPiece {
  const bytes: number[] = [];
  for (const character of token) {
    const byte = BYTE_OF_CHARACTER.get(character);
    if (byte === undefined) return token; // not written in the byte alphabet: it stands for itself
    bytes.push(byte);
  }
  return Uint8Array.from(bytes);
}

function byteOrText(token: string, steps: readonly Step[]): TokenPiece {
  let text = token;
  for (const step of steps)
    if (step.type === 'Replace') text = text.replaceAll(step.pattern.String, step.content);
  const byte = /^<0x([0-9A-Fa-f]{2})>$/.exec(text);
  return byte === null ? text : Uint8Array.of(Number.parseInt(byte[1] as string, 16));
}
