// Original file: proto/outrider/v1/draft.proto


export interface SessionLost {
}

export interface SessionLost__Output {
}
