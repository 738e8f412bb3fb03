// The data file's tensors by name: graphs over the same file share them, and a tensor is read from the checkpoint once.
import type { MatrixForm } from './forms.js';
import type { Stack } from './layer-weights.js';
import { type Matrix, storeMatrix } from './matrix.js';
import type { ExternalBytes } from './onnx/graph.js';
import type { WeightFile } from './weight-file.js';

export class StoredWeights {
  private readonly matrices = new Map<string, Matrix>();
  private readonly vectors = new Map<string, ExternalBytes>();

  constructor(private readonly file: WeightFile) {}

  matrix(name: string, load: () => Stack, form: MatrixForm): Matrix {
    let matrix = this.matrices.get(name);
    if (matrix === undefined) {
      const { weights, rows } = load();
      matrix = storeMatrix(this.file, name, weights, rows, form);
      this.matrices.set(name, matrix);
    }
    return matrix;
  }

  floats(name: string, load: () => Float32Array): ExternalBytes {
    let place = this.vectors.get(name);
    if (place === undefined) {
      place = this.file.append(load());
      this.vectors.set(name, place);
    }
    return place;
  }
}
