// What a drafted token costs by how much is skipped. All attention sub-layers cost the same, and so do all MLPs: measured once
// for nothing, all attention and all MLPs skipped, so that a trial's value holds no luck of its own timing.
import type { LayerSkipBench } from './layer-skip-bench.js';

/** Cost of a drafted token as a share of a plain round. */
export type SkipCostLaw = (numAttention: number, numMlp: number) => number;

export async function skipCostLaw(
  bench: Pick<LayerSkipBench, 'cost'>,
  numLayers: number,
  signal: AbortSignal,
): Promise<SkipCostLaw> {
  const costOf = (isSkipped: (subLayer: number) => boolean) =>
    bench.cost(
      Uint8Array.from({ length: 2 * numLayers }, (_, i) => (isSkipped(i) ? 1 : 0)),
      signal,
    );
  const whole = await costOf(() => false);
  const perAttention = (whole - (await costOf((i) => i % 2 === 0))) / numLayers;
  const perMlp = (whole - (await costOf((i) => i % 2 === 1))) / numLayers;
  return (numAttention, numMlp) => Math.max(0, whole - numAttention * perAttention - numMlp * perMlp);
}
