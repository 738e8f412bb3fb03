#!/usr/bin/env node
// The command line: finds the command, reads its options and the environment, and says what went wrong in one line.
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { AppError, validatedEnvironment } from '#libs/errors/index.js';
import { defaultHome } from '#libs/models/index.js';
import { ChannelPool, checkHealth, openTlsFiles, tlsEnvironmentSchema } from '#libs/rpc/index.js';
import { build } from './build.js';
import { distillLog } from './distill-log.js';
import { ensureModels, type ModelSettings } from './models.js';
import { quantisationOf } from './quantisation.js';
import { required } from './required.js';
import { serve } from './serve.js';
import { tune } from './tune/tune.js';

const USAGE = `outrider: distributed speculative decoding

  outrider serve [--model NAME|FOLDER] [--draft NAME|FOLDER]   fetch what is missing, start verifier and gateway
                 [--draft-in verifier|process]                 where the draft runs: in the verifier, or as a process of its own
  outrider pull  [NAME] [--force] [--verify]                   fetch and build a model of the catalog and its draft
                 [--quantisation q8|q8b64|w8|q4|f32]           of serve and pull: how the target's weights are stored
  outrider build CHECKPOINT FOLDER --name NAME [--quantisation q8|q8b64|w8|q4|f32] [--license SPDX] [--draft-of TARGET_FOLDER]
                 [--embedding-bits 4|8|32]
                                                               turn a GGUF file or safetensors folder into a model
  outrider tune layer-skip --prompts FILE [--model NAME|FOLDER] [--trials N] [--study FILE] [--objective goodput|speed]
                                                               find layers that the model can skip when it drafts for itself
  outrider tune gamma --prompts FILE [--model NAME|FOLDER] [--draft NAME|FOLDER|HOST:PORT] [--trials N] [--study FILE]
                 [--objective goodput|speed] [--answer-tokens N]
                                                               find how much a draft should draft, and whether it pays
  outrider distill-log FILE [--export FILE] [--min-refused N] [--skip-damaged]
                                                               what OUTRIDER_DISTILL_LOG has recorded; a checked, redacted copy
  outrider health HOST:PORT                                    exit code 0 if the gRPC service is serving

Environment: OUTRIDER_HOME (models and logs), OUTRIDER_HTTP_PORT 8080, OUTRIDER_GRPC_PORT 50051,
OUTRIDER_VERIFIER_PORT 50052, OUTRIDER_DRAFT_PORT 50053, OUTRIDER_CHECKPOINT (a GGUF file or safetensors
folder to use instead of a download), HF_ENDPOINT (a mirror of the hub).
`;

const port = (fallback: number) => z.coerce.number().int().min(1).max(65535).default(fallback);
const environmentSchema = z.object({
  OUTRIDER_HTTP_PORT: port(8080),
  OUTRIDER_GRPC_PORT: port(50051),
  OUTRIDER_VERIFIER_PORT: port(50052),
  OUTRIDER_DRAFT_PORT: port(50053),
  OUTRIDER_CHECKPOINT: z.string().optional(),
  HF_ENDPOINT: z.string().optional(),
  ...tlsEnvironmentSchema.shape,
});

const DEFAULT_MODEL = 'smollm2-135m-instruct';

async function main(argv: readonly string[], signal: AbortSignal): Promise<void> {
  const { values, positionals } = readOptions(argv);
  const [command, ...operands] = positionals;
  const env = validatedEnvironment(environmentSchema, process.env, 'Environment');
  const settings: ModelSettings = {
    home: defaultHome(process.env, process.platform),
    model: values.model ?? DEFAULT_MODEL,
    draft: values.draft,
    quantisation: command === 'build' ? undefined : quantisationOf(values.quantisation),
    localFolder: env.OUTRIDER_CHECKPOINT,
    hubEndpoint: env.HF_ENDPOINT,
    out: process.stdout,
    force: values.force ?? false,
    verify: values.verify ?? false,
  };
  if (command === 'serve') {
    const ports = {
      http: env.OUTRIDER_HTTP_PORT,
      grpc: env.OUTRIDER_GRPC_PORT,
      verifier: env.OUTRIDER_VERIFIER_PORT,
      draft: env.OUTRIDER_DRAFT_PORT,
    };
    await serve({ ...settings, ports, draftIn: values['draft-in'], env: process.env }, signal);
  } else if (command === 'pull') {
    const folders = await ensureModels({ ...settings, model: operands[0] ?? DEFAULT_MODEL }, signal);
    process.stdout.write(`${Object.values(folders).join('\n')}\n`);
  } else if (command === 'build') {
    const { name, quantisation, license, 'draft-of': draftOf, 'embedding-bits': embeddingBits } = values;
    await build({ operands, name, quantisation, license, draftOf, embeddingBits }, signal);
  } else if (command === 'tune') {
    const { prompts, trials, study, objective, 'answer-tokens': answerTokens } = values;
    const options = { prompts, trials, study, objective, answerTokens, draftPort: env.OUTRIDER_DRAFT_PORT };
    await tune({ ...settings, ...options, subject: operands[0], env: process.env }, signal);
  } else if (command === 'distill-log') {
    const { export: copy, 'min-refused': minRefused, 'skip-damaged': skipDamaged } = values;
    await distillLog(
      { file: operands[0], export: copy, minRefused, skipDamaged, out: process.stdout },
      signal,
    );
  } else if (command === 'health') {
    if (
      !(await checkHealth(
        required(operands[0], 'HOST:PORT'),
        '',
        signal,
        new ChannelPool({ tls: openTlsFiles(env) }),
      ))
    )
      throw new AppError('unavailable', `${operands[0]} is not serving.`);
  } else {
    process.stdout.write(USAGE);
    if (command !== undefined && command !== 'help')
      throw new AppError('invalid_argument', `Unknown command ${command}.`);
  }
}

function readOptions(argv: readonly string[]) {
  try {
    return parseArgs({
      args: [...argv],
      allowPositionals: true,
      options: {
        model: { type: 'string' },
        draft: { type: 'string' },
        name: { type: 'string' },
        quantisation: { type: 'string' },
        license: { type: 'string' },
        'draft-in': { type: 'string' },
        'draft-of': { type: 'string' },
        'embedding-bits': { type: 'string' },
        prompts: { type: 'string' },
        trials: { type: 'string' },
        study: { type: 'string' },
        objective: { type: 'string' },
        'answer-tokens': { type: 'string' },
        export: { type: 'string' },
        'min-refused': { type: 'string' },
        'skip-damaged': { type: 'boolean' },
        force: { type: 'boolean' },
        verify: { type: 'boolean' },
      },
    });
  } catch (cause) {
    throw new AppError('invalid_argument', `${(cause as Error).message}. Run "outrider help".`, { cause });
  }
}

const controller = new AbortController();
// Stays in place: a second Ctrl-C must not end this process before its services.
for (const name of ['SIGINT', 'SIGTERM'] as const) process.on(name, () => controller.abort());
try {
  await main(process.argv.slice(2), controller.signal);
} catch (thrown) {
  const error = AppError.from(thrown);
  if (error.code !== 'cancelled') {
    process.stderr.write(`${error.code === 'internal' ? (error.stack ?? error.message) : error.message}\n`);
    process.exitCode = 1;
  }
}
