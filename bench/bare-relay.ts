// A process that does the least a gateway in Node could do: for each chat one HTTP/2 stream, and for each message on it one
// HTTP/1 chunk, without looking into either. Shows what it passed on at /metrics, as the gateway does.
import { createServer, type ServerResponse } from 'node:http';
import { connect } from 'node:http2';
import type { AddressInfo } from 'node:net';

const CHUNK = `data: {"choices":[{"index":0,"delta":{"content":" two tokens"}}]${' '.repeat(130)}}\n\n`;
const END = 'data: {"usage":{"completion_tokens":1},"metrics":{"outrider":{}}}\n\n' + 'data: [DONE]\n\n';

const upstream = connect(`http://127.0.0.1:${process.env.SOURCE_PORT}`);
let rounds = 0;
let running = 0;

const server = createServer((request, response) => {
  if (request.url === '/metrics') response.end(metrics());
  else {
    request.resume();
    relay(response);
  }
}).listen(0, '127.0.0.1', () => {
  const { port } = server.address() as AddressInfo;
  console.log(JSON.stringify({ msg: 'ready', http: port }));
});

function relay(response: ServerResponse): void {
  running++;
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  const stream = upstream.request({ ':path': '/' });
  stream.on('data', () => {
    rounds++;
    response.write(CHUNK);
  });
  stream.once('end', () => response.end(END));
  response.once('close', () => {
    running--;
    stream.close();
  });
}

function metrics(): string {
  const shown = {
    generation_tokens_total: rounds,
    time_to_first_token_seconds_count: 0,
    inter_token_latency_seconds_count: rounds,
    spec_decode_num_drafts_total: 0,
    spec_decode_num_draft_tokens_total: 0,
    spec_decode_num_accepted_tokens_total: 0,
    draft_failures_total: 0,
    num_requests_running: running,
  };
  return Object.entries(shown)
    .map(([name, value]) => `outrider_${name} ${value}\n`)
    .join('');
}
