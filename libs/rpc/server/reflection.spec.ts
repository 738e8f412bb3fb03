import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import {
  type ClientDuplexStream,
  credentials,
  loadPackageDefinition,
  type ServiceClientConstructor,
} from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import { LOADER_OPTIONS } from '../load.js';
import { serveVerifier } from '../testing.js';

const packageFolder = dirname(dirname(dirname(createRequire(import.meta.url).resolve('@grpc/reflection'))));
const protoPath = join(packageFolder, 'build/proto/grpc/reflection/v1/reflection.proto');

interface Answer {
  readonly listServicesResponse?: { readonly service: readonly { readonly name: string }[] };
  readonly fileDescriptorResponse?: { readonly fileDescriptorProto: readonly Buffer[] };
}

test('reflection lists the served services and health, and knows their messages', async (t) => {
  const { endpoint } = await serveVerifier(t, async function* () {});
  const loaded = loadPackageDefinition(loadSync(protoPath, LOADER_OPTIONS)) as unknown as {
    grpc: { reflection: { v1: { ServerReflection: ServiceClientConstructor } } };
  };
  const client = new loaded.grpc.reflection.v1.ServerReflection(endpoint, credentials.createInsecure());
  t.after(() => client.close());
  const call = client.serverReflectionInfo!() as ClientDuplexStream<object, Answer>;
  call.write({ listServices: '*' });
  call.write({ fileContainingSymbol: 'outrider.v1.VerifierService' });
  call.end();
  const answers: Answer[] = [];
  for await (const answer of call) answers.push(answer as Answer);
  const names = answers[0]?.listServicesResponse?.service.map(({ name }) => name).sort();
  assert.deepEqual(names, ['grpc.health.v1.Health', 'outrider.v1.VerifierService']);
  const files = answers[1]?.fileDescriptorResponse?.fileDescriptorProto;
  assert.ok(files?.some((file) => file.includes('GenerateRequest')));
});
