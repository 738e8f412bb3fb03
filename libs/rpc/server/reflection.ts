// Server reflection (grpc.reflection.v1 and v1alpha), so that grpcurl and its like work without our proto files.
import { loadSync } from '@grpc/proto-loader';
import { ReflectionService } from '@grpc/reflection';
import { protoPath as healthProtoPath } from 'grpc-health-check';
import { LOADER_OPTIONS, protocol } from '../load.js';

const HEALTH_SERVICE = 'grpc.health.v1.Health';

export function reflectionOf(services: readonly string[]): ReflectionService {
  const health = loadSync(healthProtoPath, LOADER_OPTIONS);
  const definition = { ...protocol().definition, ...health };
  return new ReflectionService(definition, { services: [...services, HEALTH_SERVICE] });
}
