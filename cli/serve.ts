// `outrider serve`: fetches and builds the models that are missing, starts the services, says how to use them.
import { AppError } from '#libs/errors/index.js';
import { type Manifest, openModelFolder } from '#libs/models/index.js';
import { ensureModels, type ModelSettings } from './models.js';
import { type DraftPlace, type Stack, type StackPorts, startStack } from './stack.js';

export interface ServeSettings extends ModelSettings {
  readonly ports: StackPorts;
  /** By default with the verifier, if the draft has the target's vocabulary. */
  readonly draftIn?: string | undefined;
  readonly env: NodeJS.ProcessEnv;
}

export async function serve(settings: ServeSettings, signal: AbortSignal): Promise<void> {
  const { out } = settings;
  const askedPlace = placeOf(settings.draftIn);
  const models = await ensureModels(settings, signal);
  const { manifest } = await openModelFolder(models.targetFolder);
  const draftIn = askedPlace ?? (await fittingPlace(manifest, models.draftFolder));
  const processes = draftIn === 'process' ? 'draft, verifier' : 'verifier (with the draft in it)';
  out.write(`Starting ${processes} and gateway …\n`);
  const stack = await startStack(
    {
      ...settings,
      ...models,
      draftIn,
      onRestart: (name, code) => out.write(`The ${name} ended (${code}) and is being restarted.\n`),
    },
    signal,
  );
  const { OUTRIDER_API_KEYS, OUTRIDER_API_KEY_FILE } = settings.env;
  const needsKey = Boolean(OUTRIDER_API_KEYS || OUTRIDER_API_KEY_FILE);
  out.write(welcome(manifest.name, stack, settings.home, needsKey));
  await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
  out.write('\nStopping …\n');
  await stack.stop();
  out.write('Stopped.\n');
}

function placeOf(asked: string | undefined): DraftPlace | undefined {
  if (asked === undefined || asked === 'verifier' || asked === 'process') return asked;
  throw new AppError('invalid_argument', `--draft-in is ${asked}; it must be verifier or process.`);
}

/** A draft of another vocabulary needs its tokens translated, which happens between processes. */
async function fittingPlace(target: Manifest, draftFolder: string): Promise<DraftPlace> {
  const { manifest: draft } = await openModelFolder(draftFolder);
  return target.vocabularyFingerprint === draft.vocabularyFingerprint ? 'verifier' : 'process';
}

function welcome(
  model: string,
  { url, grpc }: Pick<Stack, 'url' | 'grpc'>,
  home: string,
  needsKey: boolean,
): string {
  const key = needsKey ? ` -H "authorization: Bearer $YOUR_KEY"` : '';
  const body = JSON.stringify({
    model,
    messages: [{ role: 'user', content: 'Why is the sky blue?' }],
    max_tokens: 256,
    stream: true,
  });
  return `
Outrider is ready.

  REST (OpenAI)  ${url}/v1
  gRPC           ${grpc}   outrider.v1.GenerationService
  API page       ${url}/docs
  Metrics        ${url}/metrics
  Logs           ${home}/logs

Try it:

  curl -N ${url}/v1/chat/completions -H 'content-type: application/json'${key} \\
    -d '${body}'

Stop with Ctrl-C.
`;
}
