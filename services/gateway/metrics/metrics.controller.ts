// GET /metrics, for Prometheus.
import { Controller, Get, Header, Inject } from '@nestjs/common';
import type { Metrics } from '#libs/telemetry/index.js';

/** Injection token: Metrics is an interface. */
export const METRICS = Symbol('metrics');

@Controller('metrics')
export class MetricsController {
  constructor(@Inject(METRICS) private readonly metrics: Metrics) {}

  @Get()
  @Header('content-type', 'text/plain; version=0.0.4; charset=utf-8')
  render() {
    return this.metrics.render();
  }
}
