// GET /health: the process lives. GET /ready: it can answer.
import { Controller, Get, Inject } from '@nestjs/common';
import { Readiness } from './readiness.js';

@Controller()
export class HealthController {
  constructor(@Inject(Readiness) private readonly readiness: Readiness) {}

  @Get('health')
  live() {
    return { status: 'ok' };
  }

  @Get('ready')
  ready() {
    return this.readiness.report();
  }
}
