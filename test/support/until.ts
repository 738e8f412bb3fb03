// Waits for a condition of another process or connection. The limit only ends a hopeless wait; nothing is timed.
import { setTimeout as sleep } from 'node:timers/promises';

export async function until(
  what: string,
  condition: () => boolean | Promise<boolean>,
  limitMs = 15_000,
): Promise<void> {
  const deadline = performance.now() + limitMs;
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error(`Waited ${limitMs} ms in vain until ${what}.`);
    await sleep(10);
  }
}
