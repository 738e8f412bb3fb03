import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RunningRequests } from './running-requests.js';

const by = (signal: AbortSignal, tenant = 't') => ({ tenant, signal });
const never = () => by(new AbortController().signal);

test('a drain waits for the running requests and refuses new ones', async () => {
  const requests = new RunningRequests();
  const running = requests.enter(never());
  const drained = requests.drain(60_000);
  assert.throws(() => requests.enter(never()), { code: 'unavailable', retryAfterSeconds: 1 });
  assert.equal(running.signal.aborted, false);
  running.leave();
  running.leave();
  await drained;
  assert.equal(requests.draining, true);
});

test('a drain cuts off what runs beyond its deadline', async () => {
  const requests = new RunningRequests();
  const running = requests.enter(never());
  running.signal.addEventListener('abort', () => running.leave());
  await requests.drain(1);
  assert.equal((running.signal.reason as { code: string }).code, 'unavailable');
});

test('a drain does not wait for a client that reads nothing', async () => {
  const requests = new RunningRequests();
  requests.enter(never());
  await requests.drain(1);
  assert.equal(requests.draining, true);
});

test("a caller's abort reaches its own request only, even when it came first", () => {
  const requests = new RunningRequests();
  const caller = new AbortController();
  const [one, other] = [requests.enter(by(caller.signal)), requests.enter(never())];
  caller.abort('left');
  assert.equal(one.signal.reason, 'left');
  assert.equal(other.signal.aborted, false);
  assert.equal(requests.enter(by(AbortSignal.abort('gone'))).signal.reason, 'gone');
});
