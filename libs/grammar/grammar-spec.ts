// What a structured answer must match. The same in a request, on the wire and at the automaton.

export type GrammarSpec =
  | { readonly kind: 'json_object' }
  /** JSON text of a JSON schema. `strict` (default true): only properties and items that the schema names. */
  | { readonly kind: 'json_schema'; readonly schema: string; readonly strict?: boolean | undefined }
  | { readonly kind: 'regex'; readonly pattern: string }
  | { readonly kind: 'choice'; readonly choices: readonly string[] }
  /** EBNF, rule `root`. */
  | { readonly kind: 'ebnf'; readonly grammar: string }
  /** JSON text of an xgrammar structural tag: free text with constrained parts, e.g. tool calls. */
  | { readonly kind: 'structural_tag'; readonly tag: string };
