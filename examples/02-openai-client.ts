// The official OpenAI client against a running Outrider: a streamed chat, then what speculation brought.
// Run: npm start, and in another terminal: node dist/examples/02-openai-client.js [http://127.0.0.1:8080/v1]
import OpenAI from 'openai';

// The gateway asks for no key, but the client insists on one.
const client = new OpenAI({ baseURL: process.argv[2] ?? 'http://127.0.0.1:8080/v1', apiKey: 'none' });

const stream = await client.chat.completions.create({
  model: 'smollm2-135m-instruct',
  messages: [{ role: 'user', content: 'Name three rivers of Europe.' }],
  temperature: 0,
  max_completion_tokens: 64,
  stream: true,
  stream_options: { include_usage: true },
});

for await (const chunk of stream) {
  process.stdout.write(chunk.choices[0]?.delta.content ?? '');
  // `metrics` comes with the usage, on the last chunk; it is vLLM's extension, which the client's types do not know.
  if (chunk.usage) console.log('\n', chunk.usage, (chunk as unknown as { metrics: object }).metrics);
}
