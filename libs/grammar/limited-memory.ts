// A stand-in for the global WebAssembly that compiles a module once a thread and bounds the memory of its instances.

interface Memory {
  readonly buffer: ArrayBuffer;
  grow(pages: number): number;
}

interface Instance {
  readonly exports: Readonly<Record<string, unknown>>;
}

/** What is used of the global, which the ES library's types don't know. */
interface Wasm {
  compile(source: Uint8Array): Promise<object>;
  instantiate(module: object, imports: object): Promise<Instance>;
  readonly Memory: new (...parameters: never[]) => Memory;
}

const PAGE_BYTES = 65_536;
const wasm = (globalThis as unknown as { readonly WebAssembly: Wasm }).WebAssembly;

/** The module is always the same: an instance after the first takes a few milliseconds. */
let compiled: object | undefined;

export class LimitedMemory {
  #memory: Memory | undefined;
  /** To be used instead of the global. */
  readonly webAssembly: unknown;

  constructor(private readonly maxBytes: number) {
    const instantiate = async (source: Uint8Array, imports: object) => {
      compiled ??= await wasm.compile(source);
      const instance = await wasm.instantiate(compiled, imports);
      this.#limit(instance);
      return { module: compiled, instance };
    };
    this.webAssembly = Object.create(wasm, { instantiate: { value: instantiate } });
  }

  get bytes(): number {
    return this.#memory?.buffer.byteLength ?? 0;
  }

  #limit(instance: Instance): void {
    const memory = Object.values(instance.exports).find((each) => each instanceof wasm.Memory) as
      | Memory
      | undefined;
    if (memory === undefined) throw new Error('The WebAssembly of @mlc-ai/web-xgrammar exports no memory.');
    const grow = memory.grow.bind(memory);
    memory.grow = (pages) => {
      if (memory.buffer.byteLength + pages * PAGE_BYTES > this.maxBytes)
        throw new RangeError('out of memory');
      return grow(pages);
    };
    this.#memory = memory;
  }
}
