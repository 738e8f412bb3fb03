// GET /metrics, for Prometheus.
import { Controller, Get, Header, Inject } from '@nestjs/common';
import { z } from 'zod';
import type { Metrics } from '#libs/telemetry/index.js';
import { DescribeRoute } from '../openapi/describe-route.js';

/** Injection token: Metrics is an interface. */
export const METRICS = Symbol('metrics');

@Controller('metrics')
export class MetricsController {
  constructor(@Inject(METRICS) private readonly metrics: Metrics) {}

  @Get()
  @DescribeRoute({
    name: 'Metrics',
    summary: 'Prometheus metrics',
    tag: 'Operation',
    answer: z.string(),
    mediaType: 'text/plain',
  })
  @Header('content-type', 'text/plain; version=0.0.4; charset=utf-8')
  render() {
    return this.metrics.render();
  }
}
