export { endpointsSchema, type HostingConfig, hostingSchema, portSchema } from './config.js';
export { type DraftOptions, type DraftUse, draftOptions } from './draft-options.js';
export { engineOptions } from './engine-options.js';
export {
  type HostContext,
  type HostedModel,
  type HostOptions,
  hostModelService,
  type ModelHealth,
} from './host-model-service.js';
export { runMain } from './run-main.js';
