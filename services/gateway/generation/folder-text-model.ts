// A TextModel read from a built model's folder: its manifest and its tokenizer. The weights are not opened.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError, validated } from '#libs/errors/index.js';
import { MANIFEST_FILE, type Manifest, manifestSchema } from '#libs/models/index.js';
import type { ChatMessage } from '#libs/rpc/index.js';
import { type IncrementalDecoder, Tokenizer } from '#libs/tokenizer/index.js';
import { contextLengthExceeded } from './prompt.js';
import type { TextModel } from './text-model.js';

export class FolderTextModel implements TextModel {
  readonly manifestName: string;
  readonly contextLength: number;
  readonly vocabSize: number;
  readonly vocabularyFingerprint: string;
  readonly eosTokenIds: readonly number[];
  /** More bytes than this are too many tokens, whatever they say. */
  readonly #maxPromptBytes: number;
  readonly #bosTokenId: number | null;

  private constructor(
    readonly name: string,
    private readonly tokenizer: Tokenizer,
    manifest: Manifest,
  ) {
    this.manifestName = manifest.name;
    this.contextLength = manifest.contextLength;
    this.vocabSize = manifest.vocabSize;
    this.vocabularyFingerprint = manifest.vocabularyFingerprint;
    this.eosTokenIds = manifest.eosTokenIds;
    this.#bosTokenId = manifest.bosTokenId;
    this.#maxPromptBytes = manifest.contextLength * longestTokenBytes(tokenizer);
  }

  /** Throws `failed_precondition` when manifest or tokenizer are missing, damaged or not of one model. */
  static async open(folder: string, servedName: string | undefined): Promise<FolderTextModel> {
    const manifest = await readManifest(folder);
    const tokenizer = await Tokenizer.load(folder);
    if (tokenizer.fingerprint !== manifest.vocabularyFingerprint)
      throw new AppError(
        'failed_precondition',
        `The tokenizer in ${folder} has another vocabulary than its manifest says; build the model again.`,
      );
    return new FolderTextModel(servedName ?? manifest.name, tokenizer, manifest);
  }

  async encode(text: string): Promise<readonly number[]> {
    this.#refuseEndless(text, 'prompt');
    const tokens = this.tokenizer.encode(text);
    return tokens.length === 0 && this.#bosTokenId !== null ? [this.#bosTokenId] : tokens;
  }

  async encodeChat(messages: readonly ChatMessage[]): Promise<readonly number[]> {
    const text = this.tokenizer.applyChatTemplate(messages);
    this.#refuseEndless(text, 'messages');
    return this.tokenizer.encode(text, { addSpecialTokens: false });
  }

  decoder(continuesText: boolean): IncrementalDecoder {
    return this.tokenizer.incrementalDecoder({ continuesText });
  }

  #refuseEndless(text: string, field: string): void {
    const bytes = Buffer.byteLength(text);
    if (bytes > this.#maxPromptBytes)
      throw contextLengthExceeded(this.contextLength, `${bytes} bytes`, field);
  }
}

/** Not `openModelFolder`: that checks the weights too, which a gateway's machine need not have. */
async function readManifest(folder: string): Promise<Manifest> {
  const file = join(folder, MANIFEST_FILE);
  let value: unknown;
  try {
    value = JSON.parse(await readFile(file, 'utf8'));
  } catch (cause) {
    throw new AppError('failed_precondition', `${file} is missing or damaged: ${(cause as Error).message}.`, {
      cause,
    });
  }
  return validated(manifestSchema, value, file);
}

function longestTokenBytes(tokenizer: Tokenizer): number {
  let longest = 1;
  for (let id = 0; id < tokenizer.vocabSize; id++)
    longest = Math.max(longest, tokenizer.tokenBytes(id).length);
  return longest;
}
