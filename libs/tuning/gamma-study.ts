// The study of how much to draft: what it is about, the recording that settings are replayed on, and what each trial found.
import { z } from 'zod';
import type { StudyObjective } from './layer-skip-study.js';
import type { StudyForm } from './study.js';
import { type Panel, type Point, valuesPanel } from './study-plot.js';
import { tunedGammaSchema } from './tuned-gamma.js';

// A type, since an interface has no index signature.
export type GammaSubject = {
  readonly study: 'gamma';
  readonly format: 1;
  readonly model: string;
  /** SHA-256 of the target's graph. */
  readonly graph: string;
  readonly draft: string;
  /** SHA-256 of the prompts. */
  readonly prompts: string;
  readonly objective: StudyObjective;
};

const ms = z.number().nonnegative();
/** Milliseconds by drafted tokens, ascending. */
const curve = z.array(z.tuple([z.int().positive(), ms])).min(1);

const recordingSchema = z.object({
  kind: z.literal('recording'),
  /** One a prompt; see libs/speculative/gamma/replay.ts. */
  traces: z
    .array(
      z.object({
        accepted: z.array(z.int().nonnegative()),
        confidences: z.array(z.array(z.number().min(0).max(1))),
      }),
    )
    .min(1),
  plainMs: z.number().positive(),
  draftMs: curve,
  restMs: curve,
});

const trialSchema = z.object({
  kind: z.literal('trial'),
  setting: tunedGammaSchema,
  /** Of the objective: times plain decoding's rate. */
  value: z.number(),
});

const entrySchema = z.discriminatedUnion('kind', [recordingSchema, trialSchema]);

export type GammaRecording = z.infer<typeof recordingSchema>;
export type GammaTrial = z.infer<typeof trialSchema>;
export type GammaEntry = z.infer<typeof entrySchema>;

export const GAMMA_STUDY: StudyForm<GammaSubject, GammaEntry> = { entry: entrySchema };

/** @param constants What constant lengths are predicted to bring, for comparison. */
export function gammaPanels(trials: readonly GammaTrial[], constants: readonly Point[]): Panel[] {
  return [
    valuesPanel(trials.map(({ value }) => value)),
    {
      title: 'Speed-up (line: constant lengths, predicted)',
      xLabel: 'most tokens a draft',
      points: trials.map(({ setting, value }) => ({ x: setting.maxTokens, y: value })),
      line: constants,
      reference: 1,
    },
  ];
}
