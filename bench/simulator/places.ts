// The processes of a simulated system, on their machines.
import type { DraftPlace } from '../../cli/stack.js';
import type { Clock } from './clock.js';
import type { Curves } from './curves.js';
import { Device, SerialProcess } from './device.js';
import { DraftServer } from './draft-server.js';
import type { SessionPlace } from './session.js';
import { type VerifierOptions, VerifierServer } from './verifier-server.js';

export interface SystemOptions {
  readonly gateways: number;
  readonly verifiers: number;
  /** 0: plain decoding. */
  readonly drafts: number;
  /** Of the whole system; spread evenly. */
  readonly sessions: number;
  /**
   * Who shares a machine: all with all, each draft with the verifier of its number, or nobody with nobody.
   * Clients have machines of their own, except in `one`.
   */
  readonly placement: 'one' | 'pairs' | 'apart';
  /**
   * Where a draft runs: in a process of its own, which takes a hop and a core, or in its verifier's thread, for which
   * forwards wait.
   */
  readonly draftPlace?: DraftPlace;
  /** Of each machine. */
  readonly cores: number;
  /** Of a machine's time for the same work: 0.5 is twice as fast. Default 1. */
  readonly verifierScale?: number;
  readonly draftScale?: number;
  readonly gatewayRttMs: number;
  readonly draftRttMs: number;
  readonly verifier: VerifierOptions;
  /** Sequences that a draft steps at once. */
  readonly draftBatch: number;
}

export class Places {
  readonly #gateways: SerialProcess[];
  readonly #clients: SerialProcess[];
  readonly #verifiers: VerifierServer[];
  readonly #drafts: DraftServer[];

  constructor(
    clock: Clock,
    private readonly curves: Curves,
    private readonly system: SystemOptions,
  ) {
    const { placement, cores, verifierScale = 1, draftScale = 1 } = system;
    const shared = new Device(clock, cores, verifierScale);
    const machine = (scale: number) => (placement === 'one' ? shared : new Device(clock, cores, scale));
    const many = <Item>(count: number, make: (index: number) => Item) =>
      Array.from({ length: count }, (_, index) => make(index));
    const hosts = many(system.verifiers, () => machine(verifierScale));
    this.#gateways = many(system.gateways, () => new SerialProcess(machine(1)));
    this.#clients =
      placement === 'one'
        ? [new SerialProcess(shared)]
        : many(system.sessions, () => new SerialProcess(new Device(clock, 1)));
    this.#verifiers = hosts.map((host) => new VerifierServer(clock, host, curves, system.verifier));
    this.#drafts = many(system.drafts, (index) => {
      if (system.draftPlace === 'verifier') {
        const verifier = this.#verifiers[index % hosts.length]!;
        return new DraftServer((ms, done) => verifier.occupy(ms, done), curves, system.draftBatch);
      }
      const host = placement === 'pairs' ? hosts[index % hosts.length]! : machine(draftScale);
      return new DraftServer((ms, done) => host.run(ms, 1, done), curves, system.draftBatch);
    });
  }

  of(session: number): SessionPlace {
    const one = <Item>(items: readonly Item[]): Item => items[session % items.length]!;
    return {
      gateway: one(this.#gateways),
      client: one(this.#clients),
      verifier: one(this.#verifiers),
      draft: this.#drafts.length === 0 ? undefined : one(this.#drafts),
      gatewayRttMs: this.system.gatewayRttMs,
      draftHopMs: this.system.draftPlace === 'verifier' ? 0 : this.curves.draftHopMs + this.system.draftRttMs,
    };
  }

  forwards(): { readonly forwards: number; readonly slots: number } {
    return {
      forwards: this.#verifiers.reduce((sum, verifier) => sum + verifier.forwards, 0),
      slots: this.#verifiers.reduce((sum, verifier) => sum + verifier.slots, 0),
    };
  }
}
