// A gRPC client with nothing but the proto files: one generation, round by round, drafted and accepted tokens beside it.
// Run: npm start, and in another terminal: node dist/examples/03-grpc-client.js [127.0.0.1:50051]
import { fileURLToPath } from 'node:url';
import * as grpc from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import type { ProtoGrpcType } from '#libs/rpc/generated/generation.js';
import type { GenerationServiceGenerateResponse__Output as Response } from '#libs/rpc/generated/outrider/v1/GenerationServiceGenerateResponse.js';

const proto = loadSync('outrider/v1/generation.proto', {
  includeDirs: [fileURLToPath(new URL('../../proto', import.meta.url))],
  longs: String,
  enums: String,
  defaults: true,
  oneofs: true,
});
const { outrider } = grpc.loadPackageDefinition(proto) as unknown as ProtoGrpcType;
const client = new outrider.v1.GenerationService(
  process.argv[2] ?? '127.0.0.1:50051',
  grpc.credentials.createInsecure(),
);

const call = client.generate({
  model: 'smollm2-135m-instruct',
  chat: { messages: [{ role: 'user', content: 'Name three rivers of Europe.' }] },
  sampling: { temperature: 0 },
  maxTokens: 48,
  speculation: { numSpeculativeTokens: 4 },
});

for await (const message of call as AsyncIterable<Response>) {
  const { drafted = 0, accepted = 0, totalMs = 0 } = message.round ?? {};
  console.log(
    `${accepted} of ${drafted} accepted, ${totalMs.toFixed(1)} ms  ${JSON.stringify(message.text)}`,
  );
  if (message.usage) console.log(message.finishReason, message.usage);
}
client.close();
