// GET /health: the process lives. GET /ready: it can answer.
import { Controller, Get, Inject } from '@nestjs/common';
import { z } from 'zod';
import { DescribeRoute } from '../openapi/describe-route.js';
import { Readiness } from './readiness.js';

const health = z.object({ status: z.literal('ok') });
const readiness = z.object({ status: z.literal('ready'), verifiers: z.int(), drafts: z.int() });

@Controller()
export class HealthController {
  constructor(@Inject(Readiness) private readonly readiness: Readiness) {}

  @Get('health')
  @DescribeRoute({ name: 'Health', summary: 'The process lives', tag: 'Operation', answer: health })
  live() {
    return { status: 'ok' };
  }

  @Get('ready')
  @DescribeRoute({
    name: 'Readiness',
    summary: 'Requests can be answered',
    tag: 'Operation',
    answer: readiness,
  })
  ready() {
    return this.readiness.report();
  }
}
