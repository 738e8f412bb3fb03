// Clients that stop reading. A stream's writer waits for them, and so does the generation behind it; what is written
// already lies in buffers of fixed size. After a bounded time such a client loses its connection, streams and whole
// answers alike: it would hold its place, or its answer, for ever.
import type { FastifyInstance } from 'fastify';

declare module 'fastify' {
  interface FastifyInstance {
    /** How long a client may take nothing of what was sent to it. */
    slowReaderMs: number;
  }
}

export function addSlowReaders(fastify: FastifyInstance, slowReaderMs: number): void {
  fastify.decorate('slowReaderMs', slowReaderMs);
  fastify.addHook('onRequest', async (_request, { raw }) => {
    // All is written. The socket's own timer counts only time without progress; Node takes it back for the next request.
    raw.once('prefinish', () => raw.setTimeout(slowReaderMs, () => raw.destroy()));
  });
}
