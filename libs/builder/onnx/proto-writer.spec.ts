import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ProtoWriter } from './proto-writer.js';

const hex = (writer: ProtoWriter) => Buffer.from(writer.finish()).toString('hex');

// The first three are the examples of protobuf.dev/programming-guides/encoding.
test('writes numbers, text and nested messages as the specification’s examples', () => {
  assert.equal(hex(new ProtoWriter().int(1, 150)), '089601');
  assert.equal(hex(new ProtoWriter().string(2, 'testing')), '120774657374696e67');
  assert.equal(hex(new ProtoWriter().message(3, new ProtoWriter().int(1, 150))), '1a03089601');
  assert.equal(hex(new ProtoWriter().float(2, 1.5)), '150000c03f');
});

test('negative and 64-bit numbers take ten bytes of two’s complement and as many as they need', () => {
  assert.equal(hex(new ProtoWriter().int(1, -1)), '08ffffffffffffffffff01');
  assert.equal(hex(new ProtoWriter().int(1, 2n ** 40n)), '08808080808020');
  assert.equal(hex(new ProtoWriter().int(1, 0)), '0800');
});

test('field numbers above 15 take a longer key', () => {
  assert.equal(hex(new ProtoWriter().int(20, 5)), 'a00105');
});
