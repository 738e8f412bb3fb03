// Whether the ports of `outrider serve` are free, asked before anything is started: a service that finds its port taken
// ends with a stack trace at best, and another Outrider on the same ports would answer for the one that never started.
import { createServer, type Server } from 'node:net';
import { AppError } from '#libs/errors/index.js';

export interface NamedPort {
  readonly port: number;
  /** Environment variable that sets it. */
  readonly variable: string;
}

/** @throws AppError failed_precondition that names the first port which is taken or asked for twice, and its variable. */
export async function assertPortsFree(host: string, ports: readonly NamedPort[]): Promise<void> {
  const held: Server[] = [];
  try {
    // Held until all are checked, so that a port given twice is found too.
    for (const port of ports) held.push(await hold(host, port));
  } finally {
    await Promise.all(held.map((server) => new Promise((resolve) => server.close(resolve))));
  }
}

function hold(host: string, { port, variable }: NamedPort): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', (cause: NodeJS.ErrnoException) => {
      const fault = cause.code === 'EADDRINUSE' ? 'is in use already' : `can't be used (${cause.message})`;
      reject(
        new AppError(
          'failed_precondition',
          `Port ${port} on ${host} ${fault}; set ${variable} to another port, or end the program that uses it.`,
          { cause },
        ),
      );
    });
    server.listen({ host, port, exclusive: true }, () => resolve(server));
  });
}
