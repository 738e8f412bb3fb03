import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import { test } from 'node:test';
import { progressDisplay } from './progress-display.js';

function capture(isTTY: boolean) {
  const stream = Object.assign(new PassThrough(), { isTTY });
  return { stream, written: () => String(stream.read() ?? '') };
}

test('off a terminal, plain lines come only now and then', () => {
  const { stream, written } = capture(false);
  const { onProgress, stop } = progressDisplay(stream);
  onProgress({ phase: 'wait', file: 'm.lock', done: 0, total: null });
  for (let done = 0; done <= 1000; done++)
    onProgress({ phase: 'download', file: 'w.bin', done: done * 1048.576, total: 1_048_576 });
  onProgress({ phase: 'build', file: 'layers', done: 30, total: 30 });
  stop();
  const lines = written().trimEnd().split('\n');
  assert.equal(lines[0], 'Waiting for another pull of m.lock …');
  assert.equal(lines[1], 'Downloading w.bin: 0.0 of 1.0 MiB');
  assert.equal(lines.at(-2), 'Downloading w.bin: 1.0 of 1.0 MiB');
  assert.equal(lines.at(-1), 'Building layers: 30 of 30');
  assert.equal(lines.length, 13);
});

test('on a terminal, each step gets a bar, and stop gives the terminal back', () => {
  const { stream, written } = capture(true);
  const { onProgress, stop } = progressDisplay(stream);
  onProgress({ phase: 'download', file: 'a.whl', done: 0, total: null });
  onProgress({ phase: 'download', file: 'a.whl', done: 1_048_576, total: 1_048_576 });
  onProgress({ phase: 'verify', file: 'model.gguf', done: 5, total: 10 });
  stop();
  const text = written();
  assert.match(text, /Downloading a\.whl …\n/);
  assert.match(text, /Downloading a\.whl .*100% 1\.0 of 1\.0 MiB/);
  assert.match(text, /Verifying model\.gguf .*50%/);
});
