// The one model of this gateway, as /v1/models shows it.
import { modelNotFound } from '../generation/model-not-found.js';
import type { TextModel } from '../generation/text-model.js';

export class ServedModel {
  /** @param created Unix seconds: when this gateway began to serve it. */
  constructor(
    private readonly text: Pick<TextModel, 'name' | 'contextLength'>,
    private readonly created: number,
  ) {}

  get name(): string {
    return this.text.name;
  }

  list() {
    return { object: 'list', data: [this.get(this.text.name)] };
  }

  /** Throws `model_not_found`. `max_model_len` is vLLM's name for the context length. */
  get(id: string) {
    const { name, contextLength } = this.text;
    if (id !== name) throw modelNotFound(id, name);
    return {
      id: name,
      object: 'model',
      created: this.created,
      owned_by: 'outrider',
      max_model_len: contextLength,
    };
  }
}
