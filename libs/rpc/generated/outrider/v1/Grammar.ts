// Original file: proto/outrider/v1/verifier.proto


export interface _outrider_v1_Grammar_Choice {
  'choices'?: (string)[];
}

export interface _outrider_v1_Grammar_Choice__Output {
  'choices': (string)[];
}

export interface _outrider_v1_Grammar_JsonObject {
}

export interface _outrider_v1_Grammar_JsonObject__Output {
}

export interface _outrider_v1_Grammar_JsonSchema {
  'schema'?: (string);
  'open'?: (boolean);
}

export interface _outrider_v1_Grammar_JsonSchema__Output {
  'schema': (string);
  'open': (boolean);
}

export interface Grammar {
  'jsonObject'?: (_outrider_v1_Grammar_JsonObject | null);
  'jsonSchema'?: (_outrider_v1_Grammar_JsonSchema | null);
  'regex'?: (string);
  'choice'?: (_outrider_v1_Grammar_Choice | null);
  'ebnf'?: (string);
  'structuralTag'?: (string);
  'kind'?: "jsonObject"|"jsonSchema"|"regex"|"choice"|"ebnf"|"structuralTag";
}

export interface Grammar__Output {
  'jsonObject'?: (_outrider_v1_Grammar_JsonObject__Output | null);
  'jsonSchema'?: (_outrider_v1_Grammar_JsonSchema__Output | null);
  'regex'?: (string);
  'choice'?: (_outrider_v1_Grammar_Choice__Output | null);
  'ebnf'?: (string);
  'structuralTag'?: (string);
  'kind'?: "jsonObject"|"jsonSchema"|"regex"|"choice"|"ebnf"|"structuralTag";
}
