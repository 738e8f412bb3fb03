// Question: how much faster is speculation than plain decoding, through the whole stack, and where does the time go?
// Every prompt is asked plain and with each speculation, one after the other (interleaved, in alternating order), so that
// a noisy machine disturbs all alike. Greedy, so the texts must be equal too.
import { availableParallelism } from 'node:os';
import { openModelFolder } from '#libs/models/index.js';
import { Tokenizer } from '#libs/tokenizer/index.js';
import { realModels } from '../test/support/models.js';
import { copyPrompts, type FamilyPrompt, familyPrompts } from '../test/support/prompts.js';
import { startTestStack } from '../test/support/test-stack.js';
import { BareEngine } from './bare-engine.js';
import { type Machine, thisMachine } from './machine.js';
import { type ChatTiming, streamedChat } from './streamed-chat.js';

export interface SpeedupOptions {
  readonly repeats: number;
  readonly maxTokens: number;
}

/** The ways measured: what a request says under `speculation`. The first one is what the others are compared with. */
export type Variants = Readonly<Record<string, object>> & { readonly plain: object };

interface Question {
  readonly kind: SpeedupResult['kind'];
  readonly variants: Variants;
  readonly prompts: readonly FamilyPrompt[];
}

const LENGTHS: Variants = {
  plain: { enabled: false },
  default: { enabled: true },
  'gamma 1': { enabled: true, num_speculative_tokens: 1 },
  'gamma 2': { enabled: true, num_speculative_tokens: 2 },
  'gamma 3': { enabled: true, num_speculative_tokens: 3 },
  'gamma 4': { enabled: true, num_speculative_tokens: 4 },
};

const METHODS: Variants = {
  plain: { enabled: false },
  chain: { method: 'chain' },
  draft_model: { method: 'draft_model' },
  prompt_lookup: { method: 'prompt_lookup' },
};

/** Which length of drafts? */
export function measureSpeedup(options: SpeedupOptions): Promise<SpeedupResult> {
  return measure(options, { kind: 'speedup', variants: LENGTHS, prompts: familyPrompts() });
}

/** Which source of drafts, also where answers repeat their prompts? */
export function measureMethods(options: SpeedupOptions): Promise<SpeedupResult> {
  const prompts = [...familyPrompts().filter((_, i) => i % 2 === 0), ...copyPrompts()];
  return measure(options, { kind: 'methods', variants: METHODS, prompts });
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
}

async function measure(
  options: SpeedupOptions,
  { kind, variants, prompts }: Question,
): Promise<SpeedupResult> {
  const { targetFolder, draftFolder } = await realModels();
  const { manifest } = await openModelFolder(targetFolder);
  const draft = (await openModelFolder(draftFolder)).manifest.name;
  const tokenizer = await Tokenizer.load(targetFolder);
  const bare = await BareEngine.open(targetFolder, availableParallelism());
  const stack = await startTestStack();
  const samples: SpeedupSample[] = [];
  try {
    const ask = (text: string, variant: string, sessionId: string): Promise<ChatTiming> =>
      streamedChat(text, {
        url: stack.url,
        model: manifest.name,
        maxTokens: options.maxTokens,
        temperature: 0,
        speculation: variants[variant]!,
        sessionId,
      });
    for (const variant of Object.keys(variants)) await ask(prompts[0]!.text, variant, 'warm-up');
    for (let repeat = 0; repeat < options.repeats; repeat++) {
      for (const [prompt, { family, text }] of prompts.entries()) {
        const sessionId = `speedup-${prompt}`;
        const answers = new Map<string, ChatTiming>();
        const order = Object.keys(variants);
        if ((repeat + prompt) % 2 === 1) order.reverse();
        // Once unmeasured, so that every variant finds the prompt in its caches.
        await ask(text, Object.keys(variants)[1]!, sessionId);
        for (const variant of order) answers.set(variant, await ask(text, variant, sessionId));
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
    await stack.stop();
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
