// Question: does it pay that the draft works ahead while the target verifies? On shared cores, and with a core for each:
// the nearest that one machine comes to a device for each. Every prompt is asked with and without, one after the other in
// alternating order, so that a noisy machine disturbs all alike.
import { execFileSync } from 'node:child_process';
import { openModelFolder } from '#libs/models/index.js';
import type { StackRole } from '../cli/stack.js';
import { realModels } from '../test/support/models.js';
import { familyPrompts } from '../test/support/prompts.js';
import { startTestStack, type TestStack } from '../test/support/test-stack.js';
import { type Machine, thisMachine } from './machine.js';
import { type ChatTiming, streamedChat } from './streamed-chat.js';

export interface OptimisticOptions {
  readonly repeats: number;
  readonly maxTokens: number;
  /** Prompts of each family. */
  readonly promptsPerFamily: number;
}

export const PLACEMENTS = ['shared cores', 'a core each'] as const;
export type Placement = (typeof PLACEMENTS)[number];
export const OPTIMISTIC_VARIANTS = ['off', 'on', 'auto'] as const;

export interface OptimisticSample {
  readonly placement: Placement;
  readonly variant: (typeof OPTIMISTIC_VARIANTS)[number];
  readonly prompt: number;
  readonly timing: Omit<ChatTiming, 'text'>;
  readonly sameText: boolean;
}

export interface OptimisticResult {
  readonly kind: 'optimistic';
  readonly machine: Machine;
  readonly models: { readonly target: string; readonly draft: string };
  readonly maxTokens: number;
  readonly samples: readonly OptimisticSample[];
}

/** Linux only: processes are bound to cores by taskset. */
export async function measureOptimistic(options: OptimisticOptions): Promise<OptimisticResult> {
  const { targetFolder, draftFolder } = await realModels();
  const { manifest } = await openModelFolder(targetFolder);
  const draft = (await openModelFolder(draftFolder)).manifest.name;
  const samples: OptimisticSample[] = [];
  for (const placement of PLACEMENTS) {
    const stack = await placed(placement);
    try {
      samples.push(...(await sample(stack, placement, manifest.name, options)));
    } finally {
      await stack.stop();
    }
  }
  return {
    kind: 'optimistic',
    machine: thisMachine(),
    models: { target: `${manifest.name} (${manifest.quantisation})`, draft },
    maxTokens: options.maxTokens,
    samples,
  };
}

async function placed(placement: Placement): Promise<TestStack> {
  if (placement === 'shared cores') return startTestStack();
  const stack = await startTestStack({ OUTRIDER_VERIFIER_THREADS: '1' });
  const cores: Record<StackRole, string> = { verifier: '0', draft: '1', gateway: '1' };
  for (const [role, core] of Object.entries(cores) as [StackRole, string][])
    execFileSync('taskset', ['-a', '-c', '-p', core, String(stack.pid(role))], { stdio: 'ignore' });
  return stack;
}

async function sample(
  { url }: TestStack,
  placement: Placement,
  model: string,
  { repeats, maxTokens, promptsPerFamily }: OptimisticOptions,
): Promise<OptimisticSample[]> {
  const samples: OptimisticSample[] = [];
  const prompts = familyPrompts().filter((_, i) => i % 6 < promptsPerFamily);
  const ask = (text: string, optimistic: string, sessionId: string) =>
    streamedChat(text, {
      url,
      model,
      maxTokens,
      temperature: 0,
      speculation: { method: 'draft_model', optimistic },
      sessionId,
    });
  // Once unmeasured, so that costs are known and prompts are in the caches.
  for (const [prompt, { text }] of prompts.entries()) await ask(text, 'auto', `optimistic-${prompt}`);
  for (let repeat = 0; repeat < repeats; repeat++)
    for (const [prompt, { text }] of prompts.entries()) {
      const turned = (repeat + prompt) % OPTIMISTIC_VARIANTS.length;
      const order = [...OPTIMISTIC_VARIANTS.slice(turned), ...OPTIMISTIC_VARIANTS.slice(0, turned)];
      const texts = new Map<string, string>();
      for (const variant of order) {
        const { text: said, ...timing } = await ask(text, variant, `optimistic-${prompt}`);
        texts.set(variant, said);
        const sameText = said === texts.get(order[0]!);
        samples.push({ placement, variant, prompt, timing, sameText });
      }
      process.stderr.write(
        `\r${placement}: ${repeat + 1}/${repeats}  ${prompt + 1}/${prompts.length} prompts `,
      );
    }
  process.stderr.write('\n');
  return samples;
}
