// A TextModel read from a built model's folder: its manifest and its tokenizer. The weights are not opened.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError, validated } from '#libs/errors/index.js';
import { GrammarChecker, type GrammarSpec, packVocabulary } from '#libs/grammar/index.js';
import { MANIFEST_FILE, type Manifest, manifestSchema } from '#libs/models/index.js';
import {
  type ChatMessage,
  type IncrementalDecoder,
  Tokenizer,
  type Tool,
  type ToolCallFormat,
} from '#libs/tokenizer/index.js';
import { type EncodeJob, encodeJob } from './encode-job.js';
import { EncoderThread } from './encoder-thread.js';
import { contextLengthExceeded } from './prompt.js';
import type { TextModel } from './text-model.js';

/** Longer prompts are encoded in their own thread: this many bytes take about 10 ms. */
const THREAD_FROM_BYTES = 16 * 1024;
/** What a message costs besides its content, in the time of so many bytes. */
const MESSAGE_BYTES = 64;

export class FolderTextModel implements TextModel {
  readonly manifestName: string;
  readonly contextLength: number;
  readonly vocabSize: number;
  readonly vocabularyFingerprint: string;
  readonly eosTokenIds: readonly number[];
  readonly toolCallFormat: ToolCallFormat;
  /** More bytes than this are too many tokens, whatever they say. */
  readonly #maxPromptBytes: number;
  readonly #bosTokenId: number | null;

  readonly #thread: EncoderThread;
  readonly #grammars: GrammarChecker;

  private constructor(
    readonly name: string,
    private readonly tokenizer: Tokenizer,
    manifest: Manifest,
    folder: string,
  ) {
    this.#thread = new EncoderThread(folder);
    this.#grammars = new GrammarChecker({
      vocabulary: () => packVocabulary(shownBytes(tokenizer), manifest.eosTokenIds),
    });
    this.manifestName = manifest.name;
    this.contextLength = manifest.contextLength;
    this.vocabSize = manifest.vocabSize;
    this.vocabularyFingerprint = manifest.vocabularyFingerprint;
    this.eosTokenIds = manifest.eosTokenIds;
    this.toolCallFormat = tokenizer.toolCallFormat;
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
    return new FolderTextModel(servedName ?? manifest.name, tokenizer, manifest, folder);
  }

  async encode(text: string): Promise<readonly number[]> {
    const bytes = Buffer.byteLength(text);
    this.#refuseEndless(bytes, 'prompt');
    const tokens = await this.#encode({ kind: 'text', text }, bytes);
    return tokens.length === 0 && this.#bosTokenId !== null ? [this.#bosTokenId] : tokens;
  }

  /** Short by the limits of the request's fields: never worth the thread. */
  async encodePlain(text: string): Promise<readonly number[]> {
    return this.tokenizer.encode(text, { addSpecialTokens: false });
  }

  async encodeChat(
    messages: readonly ChatMessage[],
    tools: readonly Tool[] = [],
  ): Promise<readonly number[]> {
    // The template only adds to this.
    const bytes = messages.reduce((sum, message) => sum + messageBytes(message), toolBytes(tools));
    this.#refuseEndless(bytes, 'messages');
    return this.#encode({ kind: 'chat', messages, tools }, bytes + messages.length * MESSAGE_BYTES);
  }

  decoder(
    continuesText: boolean,
    { showsSpecialTokens = false }: { readonly showsSpecialTokens?: boolean | undefined } = {},
  ): IncrementalDecoder {
    return this.tokenizer.incrementalDecoder({ continuesText, skipSpecialTokens: !showsSpecialTokens });
  }

  tokenText(id: number): string {
    return this.tokenizer.tokenText(id);
  }

  tokenBytes(id: number): Uint8Array {
    return this.tokenizer.tokenBytes(id);
  }

  checkGrammar(grammar: GrammarSpec, field: string): Promise<void> {
    return this.#grammars.check(grammar, field);
  }

  /** Ends its threads. */
  async close(): Promise<void> {
    await Promise.all([this.#thread.close(), this.#grammars.close()]);
  }

  async #encode(job: EncodeJob, bytes: number): Promise<readonly number[]> {
    return bytes > THREAD_FROM_BYTES ? this.#thread.encode(job) : encodeJob(this.tokenizer, job);
  }

  #refuseEndless(bytes: number, field: string): void {
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

function messageBytes({ content, toolCalls = [] }: ChatMessage): number {
  return toolCalls.reduce((sum, call) => sum + Buffer.byteLength(call.arguments), Buffer.byteLength(content));
}

function toolBytes(tools: readonly Tool[]): number {
  return tools.length === 0 ? 0 : Buffer.byteLength(JSON.stringify(tools));
}

/** What each token adds to an answer: special tokens nothing. */
function shownBytes(tokenizer: Tokenizer): Uint8Array[] {
  return Array.from({ length: tokenizer.vocabSize }, (_, id) =>
    tokenizer.isSpecial(id) ? new Uint8Array(0) : tokenizer.tokenBytes(id),
  );
}

function longestTokenBytes(tokenizer: Tokenizer): number {
  let longest = 1;
  for (let id = 0; id < tokenizer.vocabSize; id++)
    longest = Math.max(longest, tokenizer.tokenBytes(id).length);
  return longest;
}
