// Several streams as one, each item as it comes. A stream is asked for its next item only when the reader has taken the
// last one, so a slow reader holds up all of them and nothing piles up here; whoever came first is served first.

interface Arrival<T> {
  readonly stream: AsyncIterator<T>;
  readonly result: Promise<IteratorResult<T>>;
}

/**
 * Ends when all have ended. When one fails, or the reader leaves, `stopAll` is called, which must make the pending items
 * of the others settle; they have ended by the time this one has.
 */
export async function* interleaved<T>(
  iterables: readonly AsyncIterable<T>[],
  stopAll: () => void,
): AsyncGenerator<T> {
  const streams = iterables.map((iterable) => iterable[Symbol.asyncIterator]());
  const arrived: Arrival<T>[] = [];
  let wake = () => {};
  const ask = (stream: AsyncIterator<T>) => {
    const result = stream.next();
    const arrive = () => {
      arrived.push({ stream, result });
      wake();
    };
    result.then(arrive, arrive);
  };
  try {
    for (const stream of streams) ask(stream);
    for (let open = streams.length; open > 0; ) {
      if (arrived.length === 0)
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      const { stream, result } = arrived.shift()!;
      const item = await result;
      if (item.done) {
        open--;
        continue;
      }
      yield item.value;
      ask(stream);
    }
  } finally {
    stopAll();
    await Promise.allSettled(streams.map((stream) => stream.return?.()));
  }
}
