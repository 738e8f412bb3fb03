// The one Nest module: controllers, and the objects that gateway.ts made.
import { type DynamicModule, Module, type Type } from '@nestjs/common';
import { APP_FILTER } from '@nestjs/core';
import type { Logger, Metrics } from '#libs/telemetry/index.js';
import { MessagesController } from './anthropic/messages.controller.js';
import { MessagesResponder } from './anthropic/messages.responder.js';
import { GenerationService } from './generation/generation.service.js';
import { TEXT_MODEL, type TextModel } from './generation/text-model.js';
import { HealthController } from './health/health.controller.js';
import { Readiness } from './health/readiness.js';
import { ErrorFilter } from './http/error.filter.js';
import type { Routes } from './http/routes.js';
import { METRICS, MetricsController } from './metrics/metrics.controller.js';
import { ChatCompletionsController } from './openai/chat-completions.controller.js';
import { CompletionResponder } from './openai/completion.responder.js';
import { CompletionsController } from './openai/completions.controller.js';
import { ModelsController } from './openai/models.controller.js';
import { ServedModel } from './openai/served-model.js';
import { OPEN_API_DOCUMENT, OpenApiController } from './openapi/open-api.controller.js';
import type { OpenApiDocument } from './openapi/open-api-document.js';
import { ResponsesController } from './responses/responses.controller.js';
import { ResponsesResponder } from './responses/responses.responder.js';
import { TokenizeController } from './tokenize/tokenize.controller.js';

export interface AppParts {
  readonly text: TextModel;
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
  ResponsesController,
  MessagesController,
  TokenizeController,
  ModelsController,
  HealthController,
  MetricsController,
  OpenApiController,
];

@Module({})
class AppModule {}

export function appModule(parts: AppParts): DynamicModule {
  const { text, generations, servedModel, readiness, metrics, logger, routes, document } = parts;
  return {
    module: AppModule,
    controllers: [...CONTROLLERS],
    providers: [
      CompletionResponder,
      ResponsesResponder,
      MessagesResponder,
      { provide: TEXT_MODEL, useValue: text },
      { provide: GenerationService, useValue: generations },
      { provide: ServedModel, useValue: servedModel },
      { provide: Readiness, useValue: readiness },
      { provide: OPEN_API_DOCUMENT, useValue: document },
      { provide: METRICS, useValue: metrics },
      { provide: APP_FILTER, useValue: new ErrorFilter(logger, routes) },
    ],
  };
}
