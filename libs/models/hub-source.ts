// Pulls a repository's files from the hub (or a mirror of it): <endpoint>/<repository>/resolve/<revision>/<path>.
import { join } from 'node:path';
import type { HubSource } from './catalog.js';
import { download } from './download.js';
import { DEFAULT_TIMEOUTS } from './http-get.js';
import { isIntact, readReceipt, writeReceipt } from './receipt.js';
import type { SourcePull } from './source-pull.js';

export const DEFAULT_HUB_ENDPOINT = 'https://huggingface.co';

/** Returns the folder with all files. Throws `unavailable` with the reason, `failed_precondition` or `cancelled`. */
export async function pullFromHub(source: HubSource, pull: SourcePull): Promise<string> {
  const { folder, settings, signal } = pull;
  const endpoint = (settings.hubEndpoint ?? DEFAULT_HUB_ENDPOINT).replace(/\/+$/, '');
  let receipt = await readReceipt(folder, `${source.repository}@${source.revision}`);
  for (const { path, bytes, sha256 } of source.files) {
    if (await isIntact(folder, receipt, path, pull.deep, signal)) continue;
    // The first file's commit holds for the rest: a push in between must not give half of each version.
    const revision = receipt.commit ?? source.revision;
    const got = await download({
      url: `${endpoint}/${source.repository}/resolve/${revision}/${path.split('/').map(encodeURIComponent).join('/')}`,
      target: join(folder, path),
      label: path,
      bytes,
      sha256,
      timeouts: settings.timeouts ?? DEFAULT_TIMEOUTS,
      onProgress: pull.onProgress,
      signal,
    });
    const files = { ...receipt.files, [path]: { bytes: got.bytes, sha256: got.sha256 } };
    receipt = { ...receipt, commit: receipt.commit ?? got.commit, files };
    await writeReceipt(folder, receipt);
  }
  return folder;
}
