// GET /v1/models and /v1/models/:id
import { Controller, Get, Inject, Param } from '@nestjs/common';
import { DescribeRoute } from '../openapi/describe-route.js';
import { modelList, servedModel } from './answer-schemas.js';
import { ServedModel } from './served-model.js';

@Controller('v1/models')
export class ModelsController {
  constructor(@Inject(ServedModel) private readonly model: ServedModel) {}

  @Get()
  @DescribeRoute({
    name: 'ModelList',
    summary: 'The served model, as a list',
    tag: 'OpenAI',
    answer: modelList,
  })
  list() {
    return this.model.list();
  }

  @Get(':id')
  @DescribeRoute({ name: 'Model', summary: 'The served model', tag: 'OpenAI', answer: servedModel })
  get(@Param('id') id: string) {
    return this.model.get(id);
  }
}
