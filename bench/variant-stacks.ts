// Where the draft runs in each way that is measured: in the verifier, as `outrider serve` has it, or as a process of its own.
import type { DraftPlace } from '../cli/stack.js';
import { startTestStack, type TestStack } from '../test/support/test-stack.js';

/** The default way, but with a draft that is a process. */
export const APART = 'draft process';

export class VariantStacks {
  private constructor(private readonly stacks: ReadonlyMap<DraftPlace, TestStack>) {}

  static async start(variants: readonly string[], env: NodeJS.ProcessEnv): Promise<VariantStacks> {
    const stacks = new Map<DraftPlace, TestStack>();
    for (const place of new Set(variants.map(placeOf)))
      stacks.set(place, await startTestStack(env, {}, place));
    return new VariantStacks(stacks);
  }

  url(variant: string): string {
    return this.stacks.get(placeOf(variant))!.url;
  }

  async stop(): Promise<void> {
    for (const stack of this.stacks.values()) await stack.stop();
  }
}

function placeOf(variant: string): DraftPlace {
  return variant === APART ? 'process' : 'verifier';
}
