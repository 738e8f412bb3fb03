// Question: what does each sampling parameter and verification mode cost? Each is asked plain (no draft: what remains is
// the cost of choosing tokens) and with the default speculation (where acceptance counts too), interleaved with greedy
// requests for the same prompt, so that a noisy machine disturbs all alike.
import { openModelFolder } from '#libs/models/index.js';
import { realModels } from '../test/support/models.js';
import { familyPrompts } from '../test/support/prompts.js';
import { startTestStack } from '../test/support/test-stack.js';
import { type Machine, thisMachine } from './machine.js';
import { SAMPLING_VARIANTS, type SamplingVariant } from './sampling-variants.js';
import { type ChatTiming, streamedChat } from './streamed-chat.js';

export interface SamplingOptions {
  readonly repeats: number;
  readonly maxTokens: number;
  /** Prompts of each family. */
  readonly promptsPerFamily: number;
}

export interface SamplingSample {
  readonly variant: string;
  readonly speculative: boolean;
  readonly prompt: number;
  readonly repeat: number;
  /** Tokens after the first, and the milliseconds they took, as the client saw it. */
  readonly tokens: number;
  readonly decodeMs: number;
  readonly drafted: number;
  readonly accepted: number;
  readonly rounds: number;
}

export interface SamplingResult {
  readonly kind: 'sampling';
  readonly machine: Machine;
  readonly models: { readonly target: string; readonly draft: string };
  readonly maxTokens: number;
  readonly samples: readonly SamplingSample[];
}

export async function measureSampling(options: SamplingOptions): Promise<SamplingResult> {
  const { targetFolder, draftFolder } = await realModels();
  const { manifest } = await openModelFolder(targetFolder);
  const draft = (await openModelFolder(draftFolder)).manifest.name;
  const stack = await startTestStack({}, {}, 'verifier');
  const samples: SamplingSample[] = [];
  const ask = (text: string, { fields }: SamplingVariant, speculative: boolean, sessionId: string) =>
    streamedChat(text, {
      url: stack.url,
      model: manifest.name,
      maxTokens: options.maxTokens,
      sessionId,
      ...fields,
      speculation: { enabled: speculative, ...fields.speculation },
    });
  try {
    const prompts = somePrompts(options.promptsPerFamily);
    const cases = SAMPLING_VARIANTS.flatMap((variant) => [
      { variant, speculative: false },
      { variant, speculative: true },
    ]);
    for (let repeat = 0; repeat < options.repeats; repeat++)
      for (const [prompt, text] of prompts.entries()) {
        const sessionId = `sampling-${prompt}`;
        // Once unmeasured, so that every variant finds the prompt in its caches.
        await ask(text, SAMPLING_VARIANTS[0]!, true, sessionId);
        const order = (repeat + prompt) % 2 === 1 ? [...cases].reverse() : cases;
        for (const { variant, speculative } of order)
          samples.push({
            variant: variant.name,
            speculative,
            prompt,
            repeat,
            ...timesOf(await ask(text, variant, speculative, sessionId)),
          });
        process.stderr.write(`\r${repeat + 1}/${options.repeats}  ${prompt + 1}/${prompts.length} prompts `);
      }
    process.stderr.write('\n');
  } finally {
    await stack.stop();
  }
  const target = `${manifest.name} (${manifest.quantisation})`;
  const { maxTokens } = options;
  return { kind: 'sampling', machine: thisMachine(), models: { target, draft }, maxTokens, samples };
}

/** The first few of each family. */
function somePrompts(perFamily: number): string[] {
  const taken = new Map<string, number>();
  return familyPrompts().flatMap(({ family, text }) => {
    const count = taken.get(family) ?? 0;
    taken.set(family, count + 1);
    return count < perFamily ? [text] : [];
  });
}

function timesOf({ completionTokens, decodeMs, drafted, accepted, rounds }: ChatTiming) {
  return { tokens: completionTokens - 1, decodeMs, drafted, accepted, rounds: rounds.rounds };
}
