// Original file: proto/outrider/v1/model.proto


export interface Features {
  'layers'?: (number)[];
  'width'?: (number);
}

export interface Features__Output {
  'layers': (number)[];
  'width': (number);
}
