// A TextModel read from a built model's folder: its manifest and its tokenizer. The weights are not opened.
import { AppError } from '#libs/errors/index.js';
import { GrammarChecker, type GrammarSpec, packVocabulary } from '#libs/grammar/index.js';
import type { Manifest } from '#libs/models/index.js';
import {
  type ChatMessage,
  type IncrementalDecoder,
  Tokenizer,
  type Tool,
  type ToolCallFormat,
} from '#libs/tokenizer/index.js';
import { chatBytes, type EncodeJob, encodeJob } from './encode-job.js';
import { EncoderThread } from './encoder-thread.js';
import { contextLengthExceeded } from './prompt.js';
import { readManifest } from './read-manifest.js';
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

  async encodePlain(text: string): Promise<readonly number[]> {
    const bytes = Buffer.byteLength(text);
    this.#refuseEndless(bytes, 'prompt');
    return this.#encode({ kind: 'plain', text }, bytes);
  }

  async encodeChat(
    messages: readonly ChatMessage[],
    tools: readonly Tool[] = [],
    addGenerationPrompt = true,
  ): Promise<readonly number[]> {
    const bytes = chatBytes(messages, tools);
    this.#refuseEndless(bytes, 'messages');
    return this.#encode(
      { kind: 'chat', messages, tools, addGenerationPrompt },
      bytes + messages.length * MESSAGE_BYTES,
    );
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

  async decode(tokens: readonly number[]): Promise<string> {
    if (tokens.length > THREAD_FROM_BYTES) return this.#thread.decode(tokens);
    return this.tokenizer.decode(tokens, { skipSpecialTokens: false });
  }

  tokenName(id: number): string | undefined {
    return this.tokenizer.tokenName(id);
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
