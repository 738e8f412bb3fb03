// The files of a tokenizer, read and checked as far as this lib relies on them; the rest is the vendor library's.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { AppError } from '#libs/errors/index.js';

const addedTokenSchema = z.looseObject({
  id: z.int().min(0),
  content: z.string().min(1),
  special: z.boolean().default(false),
});

const tokenizerSchema = z.looseObject({
  model: z.looseObject({ type: z.string().optional(), vocab: z.record(z.string(), z.int().min(0)) }),
  added_tokens: z.array(addedTokenSchema).default([]),
  decoder: z.unknown(),
});

const tokenNameSchema = z
  .union([z.string(), z.looseObject({ content: z.string() })])
  .transform((token) => (typeof token === 'string' ? token : token.content));

const configSchema = z.looseObject({
  bos_token: tokenNameSchema.nullish(),
  eos_token: tokenNameSchema.nullish(),
  unk_token: tokenNameSchema.nullish(),
  pad_token: tokenNameSchema.nullish(),
  additional_special_tokens: z.array(tokenNameSchema).nullish(),
  chat_template: z
    .union([z.string(), z.array(z.object({ name: z.string(), template: z.string() }))])
    .nullish(),
});

export type TokenizerJson = z.infer<typeof tokenizerSchema>;
export type TokenizerConfig = z.infer<typeof configSchema>;

export interface TokenizerFiles {
  readonly json: TokenizerJson;
  readonly config: TokenizerConfig;
  readonly chatTemplate: ChatTemplateSource | undefined;
}

export interface ChatTemplateSource {
  readonly plain: string;
  /** For chats with tools: Hermes has a template of its own for them, others the same one for both. */
  readonly tools: string;
}

/** Throws `failed_precondition` that names the file which is missing or damaged. */
export async function readTokenizerFiles(folder: string): Promise<TokenizerFiles> {
  const json = await readJson(join(folder, 'tokenizer.json'), tokenizerSchema);
  const config = await readJson(join(folder, 'tokenizer_config.json'), configSchema);
  // Newer checkpoints keep the template in a file of its own, which then has precedence.
  const template = await readFile(join(folder, 'chat_template.jinja'), 'utf8').catch(() => undefined);
  const chatTemplate = template === undefined ? templateOfConfig(config) : sameForBoth(template);
  return { json, config, chatTemplate };
}

/** The same of the two files' texts. @param name What messages call the tokenizer. */
export function parseTokenizerFiles(json: string, config: string, name: string): TokenizerFiles {
  const parsedConfig = parseJson(config, configSchema, `tokenizer_config.json of ${name}`);
  return {
    json: parseJson(json, tokenizerSchema, `tokenizer.json of ${name}`),
    config: parsedConfig,
    chatTemplate: templateOfConfig(parsedConfig),
  };
}

function templateOfConfig({ chat_template: given }: TokenizerConfig): ChatTemplateSource | undefined {
  if (!Array.isArray(given)) return given ? sameForBoth(given) : undefined;
  const named = (wanted: string) => given.find(({ name }) => name === wanted)?.template;
  const plain = named('default') ?? given[0]?.template;
  return plain === undefined ? undefined : { plain, tools: named('tool_use') ?? plain };
}

function sameForBoth(source: string): ChatTemplateSource {
  return { plain: source, tools: source };
}

async function readJson<T extends z.ZodType>(file: string, schema: T): Promise<z.infer<T>> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (cause) {
    throw damaged(file, cause);
  }
  return parseJson(text, schema, file);
}

function parseJson<T extends z.ZodType>(text: string, schema: T, file: string): z.infer<T> {
  try {
    return schema.parse(JSON.parse(text));
  } catch (cause) {
    throw damaged(file, cause);
  }
}

function damaged(file: string, cause: unknown): AppError {
  const reason = cause instanceof z.ZodError ? z.prettifyError(cause) : (cause as Error).message;
  return new AppError('failed_precondition', `${file} is missing or damaged: ${reason}`, { cause });
}
