// Original file: proto/outrider/v1/draft.proto


export interface GetTokenizerResponse {
  'tokenizerJson'?: (Buffer | Uint8Array | string);
  'tokenizerConfigJson'?: (Buffer | Uint8Array | string);
}

export interface GetTokenizerResponse__Output {
  'tokenizerJson': (Buffer);
  'tokenizerConfigJson': (Buffer);
}
