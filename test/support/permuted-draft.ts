// The bundled draft in another vocabulary: the same weights and the same tokenizer, but every token has another id. What it
// drafts behind a translation can be compared with what it drafts without.
import { createHash } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Manifest } from '#libs/models/index.js';
import { fingerprintOfTokenizerJson } from '#libs/tokenizer/index.js';
import type { ModelFolders } from '../../cli/models.js';

interface TokenizerJson {
  readonly model: { vocab: Record<string, number> };
  readonly added_tokens: { id: number }[];
}

/** Writes the draft's folder, with a tokenizer of its own. */
export async function writePermutedDraft(folder: string, from: ModelFolders): Promise<void> {
  await mkdir(folder, { recursive: true });
  const read = (file: string) => readFile(join(from.draftFolder, file));
  const manifest = JSON.parse(String(await read('outrider.json'))) as Manifest;
  const newId = (id: number) => (5 * id + 7) % manifest.vocabSize;

  const tokenizer = JSON.parse(
    await readFile(join(from.targetFolder, 'tokenizer.json'), 'utf8'),
  ) as TokenizerJson;
  for (const [token, id] of Object.entries(tokenizer.model.vocab)) tokenizer.model.vocab[token] = newId(id);
  for (const token of tokenizer.added_tokens) token.id = newId(token.id);

  const { featureDraft } = manifest;
  if (!featureDraft) throw new Error('The bundled draft has another graph than that which reads features.');
  const graph = await read(featureDraft.file);
  const weights = await read('model.onnx.data');
  for (const table of ['embedding.table', 'embedding.table_scales'])
    moveRows(placeOf(graph, weights, table), manifest.vocabSize, newId);

  const head = await read('head-token-ids.bin');
  for (let at = 0; at < head.length; at += 4) head.writeUInt32LE(newId(head.readUInt32LE(at)), at);

  const files = {
    [featureDraft.file]: graph,
    'model.onnx.data': weights,
    'head-token-ids.bin': head,
    'tokenizer.json': Buffer.from(JSON.stringify(tokenizer)),
    'tokenizer_config.json': await readFile(join(from.targetFolder, 'tokenizer_config.json')),
  };
  for (const [name, bytes] of Object.entries(files)) await writeFile(join(folder, name), bytes);
  const own = {
    ...manifest,
    name: 'permuted-draft',
    featureDraft: { ...featureDraft, batch: null },
    bosTokenId: manifest.bosTokenId === null ? null : newId(manifest.bosTokenId),
    eosTokenIds: manifest.eosTokenIds.map(newId),
    vocabularyFingerprint: fingerprintOfTokenizerJson(tokenizer),
    files: Object.fromEntries(
      Object.entries(files).map(([name, bytes]) => [name, { bytes: bytes.length, sha256: sha256(bytes) }]),
    ),
  };
  await writeFile(join(folder, 'outrider.json'), JSON.stringify(own));
}

/** The bytes of an initializer: in the graph its name is followed by where they lie in the data file. */
function placeOf(graph: Buffer, weights: Buffer, name: string): Buffer {
  const entry = new RegExp(
    `${name}j.{2}.{0,3}location.{2}model\\.onnx\\.data.*?offset.{2}(\\d+).*?length.{2}(\\d+)`,
    's',
  );
  const found = entry.exec(graph.toString('latin1'));
  if (found === null) throw new Error(`The graph has no external data called ${name}.`);
  const [offset, length] = [Number(found[1]), Number(found[2])];
  return weights.subarray(offset, offset + length);
}

function moveRows(table: Buffer, numRows: number, newId: (id: number) => number): void {
  const old = Buffer.from(table);
  const width = table.length / numRows;
  for (let id = 0; id < numRows; id++) old.copy(table, newId(id) * width, id * width, (id + 1) * width);
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
