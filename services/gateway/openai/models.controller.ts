// GET /v1/models and /v1/models/:id
import { Controller, Get, Inject, Param } from '@nestjs/common';
import { ServedModel } from './served-model.js';

@Controller('v1/models')
export class ModelsController {
  constructor(@Inject(ServedModel) private readonly model: ServedModel) {}

  @Get()
  list() {
    return this.model.list();
  }

  @Get(':id')
  get(@Param('id') id: string) {
    return this.model.get(id);
  }
}
