// Cases one after the other on one topology that is mended in between.
import { type ChatAnswer, openAiClient } from '../support/chat.js';
import type { Case } from './fault.js';
import { FaultyTopology } from './faulty-topology.js';
import { type Outcome, runCase, undisturbed } from './run-case.js';

export class FaultRun {
  #count = 0;

  private constructor(
    private readonly topology: FaultyTopology,
    private readonly expected: Readonly<Record<Case['sampling'], ChatAnswer>>,
  ) {}

  static async start(random: () => number): Promise<FaultRun> {
    const topology = await FaultyTopology.start(random);
    const client = openAiClient(topology.gateways[0]!.url);
    const expected = {
      greedy: await undisturbed(client, 'greedy'),
      seeded: await undisturbed(client, 'seeded'),
    };
    return new FaultRun(topology, expected);
  }

  async run(each: Case): Promise<Outcome> {
    const sessionId = `case-${++this.#count}`;
    const outcome = await runCase(this.topology, each, sessionId, this.expected[each.sampling]);
    await this.topology.heal();
    return outcome;
  }

  stop(): Promise<void> {
    return this.topology.stop();
  }
}
