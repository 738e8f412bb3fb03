// A store that forgets what was used least recently.

/** The value of a key, made if there is none; it is then the last that `most` would have forgotten. */
export function kept<Value>(
  store: Map<string, Value>,
  key: string,
  most: number,
  create: () => Value,
): Value {
  const value = store.get(key) ?? create();
  store.delete(key);
  store.set(key, value);
  if (store.size > most) store.delete(store.keys().next().value as string);
  return value;
}
