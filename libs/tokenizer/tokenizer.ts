// Text ↔ token ids ↔ chat messages of one model. Encoding is @huggingface/tokenizers; decoding is our own table of
// pieces, so that a streamed text and a text decoded at once are the same by construction.
import { Tokenizer as VendorTokenizer } from '@huggingface/tokenizers';
import { AppError } from '#libs/errors/index.js';
import type { ChatMessage } from './chat-message.js';
import { ChatTemplate, type TemplateOptions } from './chat-template.js';
import { fingerprintOfTokenizerJson } from './fingerprint.js';
import { IncrementalDecoder } from './incremental-decoder.js';
import { idsOf, textVendor } from './text-vendor.js';
import { type DecoderRules, readDecoder, type TokenPiece } from './token-pieces.js';
import { parseTokenizerFiles, readTokenizerFiles, type TokenizerFiles } from './tokenizer-files.js';
import type { ToolCallFormat } from './tool-call-format.js';

export interface DecodeOptions {
  /** Leave special tokens such as <|im_end|> out of the text. Default true. */
  readonly skipSpecialTokens?: boolean;
  /** The tokens continue a text (a completion): keep spaces that are dropped where a text begins. Default false. */
  readonly continuesText?: boolean;
}

export class Tokenizer {
  /** Number of token ids, unused ones included: the highest id + 1. */
  readonly vocabSize: number;
  /** SHA-256 of the ordered vocabulary; draft and target must have the same. */
  readonly fingerprint: string;
  readonly bosTokenId: number | undefined;
  readonly eosTokenId: number | undefined;
  readonly #vendor: VendorTokenizer;
  readonly #textVendor: VendorTokenizer;
  readonly #rules: DecoderRules;
  readonly #added: ReadonlySet<number>;
  readonly #special: ReadonlySet<number>;
  readonly #pieces: (TokenPiece | undefined)[] = [];
  readonly #chatTemplate: ChatTemplate | undefined;

  private constructor({ json, config, chatTemplate }: TokenizerFiles) {
    this.#rules = readDecoder(json.decoder);
    this.#vendor = new VendorTokenizer(json, config);
    this.#added = new Set(json.added_tokens.map(({ id }) => id));
    const alsoSpecial = new Set(config.additional_special_tokens ?? []);
    const special = json.added_tokens.filter((token) => token.special || alsoSpecial.has(token.content));
    this.#special = new Set(special.map(({ id }) => id));
    this.#textVendor = textVendor(this.#vendor, { json, config }, (id) => this.#special.has(id));
    this.vocabSize =
      [...Object.values(json.model.vocab), ...this.#added].reduce((a, b) => Math.max(a, b), -1) + 1;
    this.fingerprint = fingerprintOfTokenizerJson(json);
    const idOf = (token: string | null | undefined) => (token ? this.#vendor.token_to_id(token) : undefined);
    this.bosTokenId = idOf(config.bos_token);
    this.eosTokenId = idOf(config.eos_token);
    const names = ['bos_token', 'eos_token', 'unk_token', 'pad_token'] as const;
    const variables = Object.fromEntries(names.map((name) => [name, config[name] ?? '']));
    if (chatTemplate !== undefined) this.#chatTemplate = new ChatTemplate(chatTemplate, variables);
  }

  /**
   * Reads tokenizer.json, tokenizer_config.json and, when it is there, chat_template.jinja; half a second for 50,000
   * tokens. Throws `failed_precondition` naming what is missing, damaged or not supported.
   */
  static async load(folder: string): Promise<Tokenizer> {
    return Tokenizer.#of(await readTokenizerFiles(folder), `The tokenizer in ${folder}`);
  }

  /** The same from the files' texts. @param name What messages call it. */
  static parse(tokenizerJson: string, tokenizerConfigJson: string, name: string): Tokenizer {
    return Tokenizer.#of(parseTokenizerFiles(tokenizerJson, tokenizerConfigJson, name), name);
  }

  static #of(files: TokenizerFiles, name: string): Tokenizer {
    try {
      return new Tokenizer(files);
    } catch (cause) {
      if (cause instanceof AppError) throw cause;
      const reason = cause instanceof Error ? cause.message : String(cause);
      throw new AppError('failed_precondition', `${name} cannot be used: ${reason}`, { cause });
    }
  }

  /**
   * Token ids of `text`. Special tokens written out in the text (`<|im_end|>`) become those tokens, as everywhere in
   * this trade. `addSpecialTokens` adds what the model wants around a text (default true); a text from
   * `applyChatTemplate` has it already: pass false.
   */
  encode(text: string, { addSpecialTokens = true }: { readonly addSpecialTokens?: boolean } = {}): number[] {
    return idsOf(this.#vendor, text, addSpecialTokens);
  }

  /** Token ids of `text` as nothing but text: special tokens written out in it are spelt by others. */
  encodeText(text: string): number[] {
    return idsOf(this.#textVendor, text, false);
  }

  /** Text of whole sequences; an unfinished character becomes U+FFFD. Ids beyond the vocabulary add nothing. */
  decode(ids: Iterable<number>, options: DecodeOptions = {}): string {
    const decoder = this.incrementalDecoder(options);
    return decoder.push(ids) + decoder.flush();
  }

  /** A decoder for one stream of tokens. */
  incrementalDecoder({
    skipSpecialTokens = true,
    continuesText = false,
  }: DecodeOptions = {}): IncrementalDecoder {
    return new IncrementalDecoder({
      pieceOf: (id) => (skipSpecialTokens && this.#special.has(id) ? undefined : this.#pieceOf(id)),
      leadingSpaces: continuesText ? 0 : this.#rules.leadingSpaces,
    });
  }

  /** The token's own text, special tokens included; part of a character shows as U+FFFD. */
  tokenText(id: number): string {
    return this.decode([id], { skipSpecialTokens: false, continuesText: true });
  }

  /** The token's own bytes of UTF-8, also where they are only part of a character. */
  tokenBytes(id: number): Uint8Array {
    const piece = this.#pieceOf(id) ?? '';
    return typeof piece === 'string' ? new TextEncoder().encode(piece) : piece.slice();
  }

  /** The token as the vocabulary spells it (`Ġthe`, `▁the`); undefined for ids that no token has. */
  tokenName(id: number): string | undefined {
    return this.#vendor.id_to_token(id);
  }

  isSpecial(id: number): boolean {
    return this.#special.has(id);
  }

  /**
   * The prompt for `messages`, to be encoded with `addSpecialTokens: false`.
   * What users write is not escaped: a message that spells out `<|im_end|>` ends its turn early, since templates join
   * text before it is tokenised. A caller for whom this matters must refuse such messages.
   * Throws `invalid_argument` (field `messages`) when there is no template or it refuses the messages.
   */
  applyChatTemplate(messages: readonly ChatMessage[], options: TemplateOptions = {}): string {
    if (this.#chatTemplate !== undefined) return this.#chatTemplate.render(messages, options);
    throw new AppError('invalid_argument', 'This model has no chat template: send a plain prompt instead.', {
      field: 'messages',
    });
  }

  get hasChatTemplate(): boolean {
    return this.#chatTemplate !== undefined;
  }

  /** How the model writes calls of the tools that `applyChatTemplate` told it of. */
  get toolCallFormat(): ToolCallFormat {
    return this.#chatTemplate?.toolCallFormat ?? 'hermes';
  }

  #pieceOf(id: number): TokenPiece | undefined {
    const known = this.#pieces[id];
    if (known !== undefined) return known;
    const token = this.#vendor.id_to_token(id);
    if (token === undefined) return undefined;
    const piece = this.#rules.pieceOf(token, this.#added.has(id));
    this.#pieces[id] = piece;
    return piece;
  }
}
