// Question: how much faster is speculation than plain decoding, through the whole stack, and where does the time go?
// Every prompt is asked plain and with each speculation, one after the other (interleaved, in alternating order), so that
// a noisy machine disturbs all alike. Greedy, so the texts must be equal too.
import { availableParallelism } from 'node:os';
import { openModelFolder } from '#libs/models/index.js';
import { Tokenizer } from '#libs/tokenizer/index.js';
import { realModels } from '../test/support/models.js';
import { type FamilyPrompt, familyPrompts } from '../test/support/prompts.js';
import { BareEngine } from './bare-engine.js';
import { type Machine, thisMachine } from './machine.js';
import { type ChatTiming, streamedChat } from './streamed-chat.js';
import { APART, VariantStacks } from './variant-stacks.js';
import { VariantTenants } from './variant-tenants.js';

export interface SpeedupOptions {
  readonly repeats: number;
  readonly maxTokens: number;
}

/**
 * The ways measured: what a request says under `speculation`. The first one is what the others are compared with. The draft is
 * in the verifier, except in the way `APART`.
 */
export type Variants = Readonly<Record<string, object>> & { readonly plain: object };

export interface Question {
  readonly kind: SpeedupResult['kind'];
  readonly variants: Variants;
  readonly prompts: readonly FamilyPrompt[];
  /** Variants that draft from past outputs: what was asked before is asked first. Every variant then has its own tenant. */
  readonly remembers?: readonly string[];
}

const LENGTHS: Variants = {
  plain: { enabled: false },
  default: { enabled: true },
  [APART]: { enabled: true },
  'gamma 1': { enabled: true, num_speculative_tokens: 1 },
  'gamma 2': { enabled: true, num_speculative_tokens: 2 },
  'gamma 3': { enabled: true, num_speculative_tokens: 3 },
  'gamma 4': { enabled: true, num_speculative_tokens: 4 },
};

/** Which length of drafts? */
export function measureSpeedup(options: SpeedupOptions): Promise<SpeedupResult> {
  return measure(options, { kind: 'speedup', variants: LENGTHS, prompts: familyPrompts() });
}

export interface SpeedupSample {
  readonly family: string;
  readonly prompt: number;
  readonly repeat: number;
  readonly variant: string;
  /** Tokens after the first, and the time they took, as the client saw it. */
  readonly tokens: number;
  readonly decodeMs: number;
  readonly timing?: Omit<ChatTiming, 'text'>;
  /** Whether the text is that of plain decoding. */
  readonly sameText: boolean;
}

export interface SpeedupResult {
  readonly kind: 'speedup' | 'methods';
  readonly machine: Machine;
  readonly models: { readonly target: string; readonly draft: string };
  readonly maxTokens: number;
  readonly samples: readonly SpeedupSample[];
  /** Ways that couldn't be measured here, and why. */
  readonly unmeasured?: Readonly<Record<string, string>>;
}

export async function measure(
  options: SpeedupOptions,
  { kind, variants, prompts, remembers }: Question,
): Promise<SpeedupResult> {
  const { targetFolder, draftFolder } = await realModels();
  const { manifest } = await openModelFolder(targetFolder);
  const draft = (await openModelFolder(draftFolder)).manifest.name;
  const tokenizer = await Tokenizer.load(targetFolder);
  const bare = await BareEngine.open(targetFolder, availableParallelism());
  const tenants = new VariantTenants(Object.keys(variants), options.repeats);
  const env = remembers === undefined ? {} : tenants.env;
  const stacks = await VariantStacks.start(Object.keys(variants), env);
  const samples: SpeedupSample[] = [];
  try {
    const ask = (text: string, variant: string, sessionId: string, repeat = -1): Promise<ChatTiming> =>
      streamedChat(text, {
        ...(remembers !== undefined && { apiKey: tenants.key(variant, repeat) }),
        url: stacks.url(variant),
        model: manifest.name,
        maxTokens: options.maxTokens,
        temperature: 0,
        speculation: variants[variant]!,
        sessionId,
      });
    for (const variant of Object.keys(variants)) await ask(prompts[0]!.text, variant, 'warm-up');
    for (let repeat = 0; repeat < options.repeats; repeat++) {
      for (const [prompt, { family, text, before = [] }] of prompts.entries()) {
        const sessionId = `speedup-${prompt}`;
        const answers = new Map<string, ChatTiming>();
        const order = Object.keys(variants);
        if ((repeat + prompt) % 2 === 1) order.reverse();
        // Once unmeasured, so that every variant finds the prompt in its caches.
        if (remembers === undefined)
          for (const variant of ['default', APART])
            if (variant in variants) await ask(text, variant, sessionId);
        for (const variant of remembers ?? [])
          for (const earlier of before) await ask(earlier, variant, `${sessionId}-before`, repeat);
        for (const variant of order) answers.set(variant, await ask(text, variant, sessionId, repeat));
        const plain = answers.get('plain')!;
        for (const variant of order)
          samples.push(sampleOf(answers.get(variant)!, plain, { family, prompt, repeat, variant }));
        const chat = tokenizer.encode(tokenizer.applyChatTemplate([{ role: 'user', content: text }]), {
          addSpecialTokens: false,
        });
        const run = await bare.generate(chat, options.maxTokens);
        const sameText = tokenizer.decode(run.tokens) === plain.text;
        const timing = { tokens: run.tokens.length - 1, decodeMs: run.decodeMs, sameText };
        samples.push({ family, prompt, repeat, variant: 'bare engine', ...timing });
        process.stderr.write(`\r${repeat + 1}/${options.repeats}  ${prompt + 1}/${prompts.length} prompts `);
      }
    }
    process.stderr.write('\n');
  } finally {
    await stacks.stop();
    await bare.close();
  }
  return {
    kind,
    machine: thisMachine(),
    models: { target: `${manifest.name} (${manifest.quantisation})`, draft },
    maxTokens: options.maxTokens,
    samples,
  };
}

function sampleOf(
  answer: ChatTiming,
  plain: ChatTiming,
  named: Pick<SpeedupSample, 'family' | 'prompt' | 'repeat' | 'variant'>,
): SpeedupSample {
  const { text, ...timing } = answer;
  return {
    ...named,
    tokens: answer.completionTokens - 1,
    decodeMs: answer.decodeMs,
    timing,
    sameText: text === plain.text,
  };
}
