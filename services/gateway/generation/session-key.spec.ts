import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PromptInput } from './generation-request.js';
import { sessionKey } from './session-key.js';

const chat = (...turns: readonly (readonly [role: string, content: string])[]): PromptInput => ({
  kind: 'chat',
  messages: turns.map(([role, content]) => ({ role, content })),
});
const keyOf = (input: PromptInput, model = 'm', tenant = 't') =>
  sessionKey(tenant, model, input, [], undefined);

test('later turns of a conversation keep the key of the first', () => {
  const opening = [
    ['system', 'Be kind'],
    ['user', 'Hello'],
  ] as const;
  const later = [...opening, ['assistant', 'Hi'], ['user', 'More']] as const;
  assert.equal(keyOf(chat(...later)), keyOf(chat(...opening)));
});

test('another model, system message or first user message gives another key', () => {
  const keys = [
    keyOf(chat(['user', 'Hello'])),
    keyOf(chat(['user', 'Hello']), 'other'),
    keyOf(chat(['system', ''], ['user', 'Hello'])),
    keyOf(chat(['system', 'Hello'], ['user', ''])),
    keyOf(chat(['user', 'Hello '])),
    keyOf(chat(['assistant', 'Hello'])),
  ];
  assert.equal(new Set(keys).size, keys.length);
});

test('plain prompts share a key when they begin alike for 64 tokens', () => {
  const input: PromptInput = { kind: 'text', text: '' };
  const tokens = Array.from({ length: 70 }, (_, i) => i);
  const key = sessionKey('t', 'm', input, tokens, undefined);
  assert.equal(sessionKey('t', 'm', input, [...tokens, 1, 2, 3], undefined), key);
  assert.notEqual(sessionKey('t', 'm', input, tokens.slice(0, 63), undefined), key);
  assert.notEqual(sessionKey('t', 'm', input, [1, ...tokens], undefined), key);
});

test("no client's id can name a derived session, and every key is short and plain", () => {
  const derived = keyOf(chat(['user', 'Hello']));
  for (const id of [derived, '../x', 'a\0b', '😀'.repeat(100)]) {
    const key = sessionKey('t', 'm', chat(['user', 'Hello']), [], id);
    assert.notEqual(key, derived);
    assert.match(key, /^client-[0-9a-f]{40}$/);
  }
});

test("two tenants never share a session, neither by a client's id nor by the same words", () => {
  const hello = chat(['user', 'Hello']);
  assert.notEqual(keyOf(hello, 'm', 'a'), keyOf(hello, 'm', 'b'));
  assert.notEqual(sessionKey('a', 'm', hello, [], 'id'), sessionKey('b', 'm', hello, [], 'id'));
  const text: PromptInput = { kind: 'text', text: '' };
  assert.notEqual(sessionKey('a', 'm', text, [1], undefined), sessionKey('b', 'm', text, [1], undefined));
});
