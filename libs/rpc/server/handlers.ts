// Handlers as plain functions and async iterables, on top of grpc-js's callbacks. Back-pressure is honoured both ways:
// requests are read when the handler asks for the next, responses wait while the reader's window is full.
import type { Writable } from 'node:stream';
import type {
  handleBidiStreamingCall,
  handleServerStreamingCall,
  handleUnaryCall,
  ServerDuplexStream,
} from '@grpc/grpc-js';
import { AppError } from '#libs/errors/index.js';
import { serviceErrorFromThrown, statusFromThrown } from '../status.js';
import type { CallScope } from './call-scope.js';
import type { CallContext, RunningCall, ServerCall } from './running-call.js';

/** Domain ↔ wire of one method. Q, R: domain; the others as generated. */
export interface Codec<WireQ, Q, R, WireR> {
  readonly decode: (wire: WireQ) => Q;
  readonly encode: (response: R) => WireR;
}

export function unary<WireQ, Q, R, WireR>(
  scope: CallScope,
  { decode, encode }: Codec<WireQ, Q, R, WireR>,
  handle: (request: Q, context: CallContext) => Promise<R>,
): handleUnaryCall<WireQ, WireR> {
  return (call, reply) => {
    const running = scope.admit(call, call.getPath(), (error) => reply(statusFromThrown(error)));
    if (running === undefined) return;
    // In a function of its own: what decode throws must become a status too.
    const run = async () => encode(await handle(decode(call.request), running.context));
    run().then(
      (response) => running.succeed(() => reply(null, response)),
      (error) => running.fail(error),
    );
  };
}

export function serverStream<WireQ, Q, R, WireR>(
  scope: CallScope,
  { decode, encode }: Codec<WireQ, Q, R, WireR>,
  handle: (request: Q, context: CallContext) => AsyncIterable<R>,
): handleServerStreamingCall<WireQ, WireR> {
  return (call) => {
    const running = admitStream(scope, call);
    if (running === undefined) return;
    const writer: Responding = { call, running, slowReaderMs: scope.slowReaderMs };
    void respond(writer, encode, () => handle(decode(call.request), running.context));
  };
}

export function bidi<WireQ, Q, R, WireR>(
  scope: CallScope,
  { decode, encode }: Codec<WireQ, Q, R, WireR>,
  handle: (requests: AsyncIterable<Q>, context: CallContext) => AsyncIterable<R>,
): handleBidiStreamingCall<WireQ, WireR> {
  return (call) => {
    const running = admitStream(scope, call);
    if (running === undefined) return;
    const writer: Responding = { call, running, slowReaderMs: scope.slowReaderMs };
    void respond(writer, encode, () => handle(requestsOf(call, running, decode), running.context));
  };
}

/** What server streams and bidirectional calls share. */
type Writer = Writable & ServerCall & { getPath(): string };

interface Responding {
  readonly call: Writer;
  readonly running: RunningCall;
  readonly slowReaderMs: number;
}

function admitStream(scope: CallScope, call: Writer): RunningCall | undefined {
  return scope.admit(call, call.getPath(), (error) => call.emit('error', serviceErrorFromThrown(error)));
}

async function respond<R, WireR>(
  responding: Responding,
  encode: (response: R) => WireR,
  start: () => AsyncIterable<R>,
): Promise<void> {
  const { call, running } = responding;
  try {
    for await (const response of start()) {
      if (running.signal.aborted) return;
      // grpc-js sends the headers with the first message: until then a caller may retry elsewhere.
      if (!call.write(encode(response))) await writable(responding);
    }
    running.succeed(() => call.end());
  } catch (error) {
    running.fail(error);
  }
}

/**
 * Resolves when the stream takes more, or when the call is over: a dead stream never drains. A reader that takes nothing
 * for too long ends the call; the messages that it has not taken, a window's worth, stay until its connection goes.
 */
function writable({ call, running, slowReaderMs }: Responding): Promise<void> {
  const { signal } = running;
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const message = `The caller read nothing for ${slowReaderMs} ms; the call was ended.`;
    const timer = setTimeout(() => running.fail(new AppError('cancelled', message)), slowReaderMs);
    const done = () => {
      clearTimeout(timer);
      call.off('drain', done);
      signal.removeEventListener('abort', done);
      resolve();
    };
    call.on('drain', done);
    signal.addEventListener('abort', done);
  });
}

async function* requestsOf<WireQ, Q>(
  call: ServerDuplexStream<WireQ, unknown>,
  running: RunningCall,
  decode: (wire: WireQ) => Q,
): AsyncGenerator<Q> {
  try {
    // The default iterator destroys the stream when its reader stops, and with it the responses still to send.
    for await (const wire of call.iterator({ destroyOnReturn: false })) yield decode(wire as WireQ);
  } catch (error) {
    throw running.signal.aborted ? running.signal.reason : error;
  }
}
