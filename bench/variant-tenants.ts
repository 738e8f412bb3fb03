// A tenant for each way and repeat, so that none finds among the past outputs what another one was answered.

export class VariantTenants {
  constructor(
    private readonly variants: readonly string[],
    private readonly repeats: number,
  ) {}

  /** For the services: the gateway's keys, and outputs are kept. */
  get env(): NodeJS.ProcessEnv {
    const keys = this.variants.flatMap((variant) =>
      Array.from({ length: this.repeats + 1 }, (_, repeat) => this.key(variant, repeat - 1)),
    );
    return {
      OUTRIDER_API_KEYS: keys.map((key) => `${key}:${key}`).join(','),
      OUTRIDER_PAST_OUTPUT_BYTES: String(2 ** 25),
    };
  }

  /** @param repeat −1: the warm-up. */
  key(variant: string, repeat: number): string {
    return `bench-variant-${this.variants.indexOf(variant)}-${repeat + 1}`;
  }
}
