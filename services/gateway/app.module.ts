// The one Nest module: controllers, and the objects that gateway.ts made.
import { type DynamicModule, Module, type Type } from '@nestjs/common';
import { APP_FILTER } from '@nestjs/core';
import type { Logger, Metrics } from '#libs/telemetry/index.js';
import { GenerationService } from './generation/generation.service.js';
import { HealthController } from './health/health.controller.js';
import { Readiness } from './health/readiness.js';
import { METRICS, MetricsController } from './metrics/metrics.controller.js';
import { ChatCompletionsController } from './openai/chat-completions.controller.js';
import { CompletionResponder } from './openai/completion.responder.js';
import { CompletionsController } from './openai/completions.controller.js';
import { ErrorFilter } from './openai/error.filter.js';
import { ModelsController } from './openai/models.controller.js';
import { ServedModel } from './openai/served-model.js';
import { OPEN_API_DOCUMENT, OpenApiController } from './openapi/open-api.controller.js';
import type { OpenApiDocument } from './openapi/open-api-document.js';
import type { Routes } from './routes.js';

export interface AppParts {
  readonly generations: GenerationService;
  readonly servedModel: ServedModel;
  readonly readiness: Readiness;
  readonly metrics: Metrics;
  readonly logger: Logger;
  /** Filled while the server starts. */
  readonly routes: Routes;
  readonly document: OpenApiDocument;
}

/** Every controller, and so every route but those of the docs page. */
export const CONTROLLERS: readonly Type[] = [
  ChatCompletionsController,
  CompletionsController,
  ModelsController,
  HealthController,
  MetricsController,
  OpenApiController,
];

@Module({})
class AppModule {}

export function appModule(parts: AppParts): DynamicModule {
  const { generations, servedModel, readiness, metrics, logger, routes, document } = parts;
  return {
    module: AppModule,
    controllers: [...CONTROLLERS],
    providers: [
      CompletionResponder,
      { provide: GenerationService, useValue: generations },
      { provide: ServedModel, useValue: servedModel },
      { provide: Readiness, useValue: readiness },
      { provide: OPEN_API_DOCUMENT, useValue: document },
      { provide: METRICS, useValue: metrics },
      { provide: APP_FILTER, useValue: new ErrorFilter(logger, routes) },
    ],
  };
}
