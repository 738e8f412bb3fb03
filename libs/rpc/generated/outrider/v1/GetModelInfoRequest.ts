// Original file: proto/outrider/v1/model.proto


export interface GetModelInfoRequest {
}

export interface GetModelInfoRequest__Output {
}
