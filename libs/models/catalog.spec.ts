import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { AppError } from '#libs/errors/index.js';
import { findEntry, loadCatalog, parseCatalog } from './catalog.js';
import { isSafeRelativePath } from './relative-path.js';

const CATALOG = fileURLToPath(new URL('../../../models/catalog.json', import.meta.url));

test('the committed catalog is valid and its default target has a draft', async () => {
  const catalog = await loadCatalog(CATALOG);
  const target = findEntry(catalog, 'smollm2-135m-instruct');
  assert.deepEqual(
    target.sources.map(({ kind }) => kind),
    ['local', 'hub', 'wheel'],
  );
  assert.equal(findEntry(catalog, target.draft as string).role, 'draft');
});

test('an unknown name is answered with the names there are', async () => {
  const catalog = await loadCatalog(CATALOG);
  assert.throws(
    () => findEntry(catalog, 'gpt-9'),
    (error) =>
      error instanceof AppError && error.code === 'model_not_found' && /smollm2-draft/.test(error.message),
  );
});

test('faults of a catalog are named with its file', async () => {
  const model = {
    name: 'm',
    role: 'target',
    description: '',
    license: 'MIT',
    build: { quantisation: 'q8' },
    sources: [{ kind: 'local' }],
  };
  const faulty: [unknown, RegExp][] = [
    [{ format: 2, models: [model] }, /c\.json is not a valid catalog.*format/s],
    [{ format: 1, models: [model, model] }, /two models share a name/],
    [{ format: 1, models: [{ ...model, draft: 'd' }] }, /draft "d" is not in the catalog/],
    [{ format: 1, models: [{ ...model, name: '../m' }] }, /models\[0\]\.name/],
    [{ format: 1, models: [{ ...model, sources: [{ kind: 'bundled', folder: '../x' }] }] }, /folder/],
    [{ format: 1, models: [{ ...model, sources: [{ kind: 'ftp' }] }] }, /sources/],
  ];
  for (const [json, message] of faulty) assert.throws(() => parseCatalog(json, 'c.json'), message);
  await assert.rejects(loadCatalog('/no/such/catalog.json'), /cannot be read/);
});

test('only paths that go downwards on every platform are accepted', () => {
  for (const path of ['a', 'a/b.onnx', 'model-00001-of-00002.safetensors', 'a b/c+d@e_f'])
    assert.ok(isSafeRelativePath(path), path);
  for (const path of [
    '',
    '/a',
    '../a',
    'a/../b',
    'a//b',
    './a',
    'a/',
    'C:\\a',
    'c:a',
    'a\\b',
    'a\0b',
    '.hidden',
    'a.',
  ])
    assert.ok(!isSafeRelativePath(path), path);
});
