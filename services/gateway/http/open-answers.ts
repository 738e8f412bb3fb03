// The HTTP answers not yet handed to the operating system: what a shutdown waits for before it cuts connections.
// Node's own notion of an idle connection leaves out those that never sent a request.
import type { FastifyInstance } from 'fastify';

export class OpenAnswers {
  #count = 0;
  #onNone: (() => void) | undefined;

  constructor(fastify: FastifyInstance) {
    fastify.addHook('onRequest', async (_request, reply) => {
      this.#count++;
      reply.raw.once('close', () => {
        if (--this.#count === 0) this.#onNone?.();
      });
    });
  }

  get count(): number {
    return this.#count;
  }

  /** Resolves when there are none, after `graceMs` at the latest. */
  ended(graceMs: number): Promise<void> {
    if (this.#count === 0) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, graceMs);
      this.#onNone = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
