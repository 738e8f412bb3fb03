// A length controller with its parameters, as study files and gamma.json hold it.
import { z } from 'zod';

export const tunedGammaSchema = z.object({
  /** Under the names that requests use. */
  controller: z.enum(['constant', 'heuristic', 'confidence', 'draft_exit', 'goodput']),
  /** Most tokens a draft. */
  maxTokens: z.int().min(1).max(256),
  /** Of confidence and draft_exit. */
  threshold: z.number().min(0).max(1).optional(),
  /** Of draft_exit. */
  goal: z.number().min(0).max(1).optional(),
});

export type TunedGamma = z.infer<typeof tunedGammaSchema>;
