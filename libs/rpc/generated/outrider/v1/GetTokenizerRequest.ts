// Original file: proto/outrider/v1/draft.proto


export interface GetTokenizerRequest {
}

export interface GetTokenizerRequest__Output {
}
