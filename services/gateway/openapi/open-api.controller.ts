// GET /openapi.json: the API document.
import { Controller, Get, Inject } from '@nestjs/common';
import { z } from 'zod';
import { DescribeRoute } from './describe-route.js';
import type { OpenApiDocument } from './open-api-document.js';

/** Injection token. */
export const OPEN_API_DOCUMENT = Symbol('OpenAPI document');

@Controller('openapi.json')
export class OpenApiController {
  constructor(@Inject(OPEN_API_DOCUMENT) private readonly document: OpenApiDocument) {}

  @Get()
  @DescribeRoute({
    name: 'ApiDocument',
    summary: 'This document',
    tag: 'Operation',
    answer: z.record(z.string(), z.unknown()),
  })
  read(): OpenApiDocument {
    return this.document;
  }
}
