// A hub folder as a Checkpoint: config.json, one or more safetensors files, and the tokenizer's files if present.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Checkpoint, type CheckpointConfig, type TokenizerFiles } from '../checkpoint.js';
import { damaged } from '../damaged.js';
import { readHubConfig } from './hub-config.js';
import { readJsonFile, readOptionalJsonFile } from './json-file.js';
import { Safetensors } from './safetensors.js';

const SINGLE_FILE = 'model.safetensors';
const INDEX_FILE = 'model.safetensors.index.json';
const HEAD_TOKEN_IDS = 'head_token_ids';
// Old checkpoints carry the rotary frequencies, which the graph computes itself.
const IGNORED = /\.rotary_emb\.inv_freq$/;

/** Throws `failed_precondition` with the reason if a file is missing, damaged or of another architecture. */
export function openHubFolder(folder: string): Checkpoint {
  const config = readHubConfig(folder);
  const shards = openShards(folder);
  const byName = new Map(shards.flatMap((shard) => shard.names.map((name) => [name, shard] as const)));
  const holder = (name: string) => {
    const shard = byName.get(name);
    if (!shard) throw damaged(folder, `tensor ${name} is missing`);
    return shard;
  };
  return {
    path: folder,
    config,
    tensorNames: [...byName.keys()].filter((name) => name !== HEAD_TOKEN_IDS && !IGNORED.test(name)),
    headTokenIds: () =>
      config.headSize === config.vocabSize ? null : readHeadIds(folder, config, holder(HEAD_TOKEN_IDS)),
    tensor: (name, shape) => holder(name).floats(name, shape),
    tokenizer: () => readTokenizer(folder),
    close: () => shards.forEach((shard) => void shard.close()),
  };
}

function openShards(folder: string): Safetensors[] {
  const index = readOptionalJsonFile(join(folder, INDEX_FILE));
  const names = index ? shardNames(join(folder, INDEX_FILE), index.weight_map) : [SINGLE_FILE];
  const shards: Safetensors[] = [];
  try {
    for (const name of names) shards.push(Safetensors.open(join(folder, name)));
  } catch (error) {
    for (const shard of shards) shard.close();
    throw error;
  }
  return shards;
}

/** Plain file names only: a downloaded index must not reach outside its folder. */
function shardNames(path: string, weightMap: unknown): string[] {
  if (typeof weightMap !== 'object' || weightMap === null) throw damaged(path, 'weight_map is missing');
  const names = [...new Set(Object.values(weightMap))];
  for (const name of names) {
    if (typeof name !== 'string' || !/^[\w][\w.-]*\.safetensors$/.test(name)) {
      throw damaged(path, `weight_map names the file ${JSON.stringify(name)}`);
    }
  }
  return names as string[];
}

function readHeadIds(
  folder: string,
  { headSize, vocabSize }: CheckpointConfig,
  shard: Safetensors,
): Uint32Array {
  const ids = shard.integers(HEAD_TOKEN_IDS, [headSize]);
  if (ids.some((id) => id < 0 || id >= vocabSize)) {
    throw damaged(folder, `${HEAD_TOKEN_IDS} has an id outside 0 to ${vocabSize - 1}`);
  }
  if (new Set(ids).size !== ids.length) throw damaged(folder, `${HEAD_TOKEN_IDS} names a token twice`);
  return Uint32Array.from(ids);
}

function readTokenizer(folder: string): TokenizerFiles | null {
  const path = join(folder, 'tokenizer.json');
  if (!existsSync(path)) return null;
  const config = readOptionalJsonFile(join(folder, 'tokenizer_config.json')) ?? {};
  const templatePath = join(folder, 'chat_template.jinja');
  // One place for the template, whichever way the checkpoint ships it.
  const chatTemplate = existsSync(templatePath) ? { chat_template: readFileSync(templatePath, 'utf8') } : {};
  return { tokenizer: readJsonFile(path), config: { ...config, ...chatTemplate } };
}
