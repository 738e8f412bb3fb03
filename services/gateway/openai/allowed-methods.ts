// Which methods the known paths take: tells "no such path" (404) from "not this way" (405).

const ROUTES: readonly (readonly [path: RegExp, methods: readonly string[]])[] = [
  [/^\/v1\/(chat\/)?completions$/, ['POST']],
  [/^\/v1\/(responses|messages(\/count_tokens)?)$/, ['POST']],
  [/^\/(de)?tokenize$/, ['POST']],
  [/^\/v1\/models(\/[^/]+)?$/, ['GET', 'HEAD']],
  [/^\/(health|ready|metrics)$/, ['GET', 'HEAD']],
];

export function allowedMethods(path: string): readonly string[] | undefined {
  return ROUTES.find(([pattern]) => pattern.test(path))?.[1];
}
