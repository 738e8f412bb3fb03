import assert from 'node:assert/strict';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import fc from 'fast-check';
import { AppError } from '#libs/errors/index.js';
import { SPECIAL_TOKENS, writeByteTokenizer } from '../../test/support/byte-tokenizer.js';
import { pieceTokenizer } from '../../test/support/piece-tokenizer.js';
import { temporaryFolder } from '../../test/support/temporary-folder.js';
import { Tokenizer } from './tokenizer.js';

type Changes = Parameters<typeof writeByteTokenizer>[1];

async function load(context: TestContext, changes?: Changes): Promise<Tokenizer> {
  const folder = await temporaryFolder(context);
  await writeByteTokenizer(folder, changes);
  return Tokenizer.load(folder);
}

const fails = (code: string, message: RegExp, field?: string) => (error: unknown) => {
  assert.ok(error instanceof AppError, String(error));
  assert.equal(error.code, code);
  assert.match(error.message, message);
  assert.equal(error.field, field);
  return true;
};

test('encodes and decodes any text', async (context) => {
  const tokenizer = await load(context);
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 40 }), (text) => {
      const ids = tokenizer.encode(text);
      assert.ok(ids.every((id) => Number.isInteger(id) && id >= 0 && id < tokenizer.vocabSize));
      assert.equal(tokenizer.decode(ids, { skipSpecialTokens: false }), text);
    }),
  );
});

test('knows its size, its special tokens and its fingerprint', async (context) => {
  const tokenizer = await load(context);
  assert.equal(tokenizer.vocabSize, 3 + 256 + 8);
  assert.equal(tokenizer.bosTokenId, 1);
  assert.equal(tokenizer.eosTokenId, 2);
  assert.ok(tokenizer.isSpecial(0) && !tokenizer.isSpecial(3));
  assert.match(tokenizer.fingerprint, /^[0-9a-f]{64}$/);
  const plain = await load(context, { config: { bos_token: null, eos_token: undefined } });
  assert.equal(plain.bosTokenId, undefined);
  assert.equal(plain.eosTokenId, undefined);
  assert.equal(plain.fingerprint, tokenizer.fingerprint);
});

test('special tokens in the text become those tokens and are left out of decoded text by default', async (context) => {
  const tokenizer = await load(context);
  const ids = tokenizer.encode('the<|im_end|>');
  assert.equal(ids.at(-1), tokenizer.eosTokenId);
  assert.equal(tokenizer.decode(ids), 'the');
  assert.equal(tokenizer.decode(ids, { skipSpecialTokens: false }), 'the<|im_end|>');
});

test('encoded as text, what spells a special token is spelt by other tokens, whatever is around it', async (context) => {
  const tokenizers = [await load(context), pieceTokenizer()];
  fc.assert(
    fc.property(
      fc.constantFrom(...tokenizers),
      fc.array(fc.oneof(fc.constantFrom(...SPECIAL_TOKENS, '<s>', '</s>', '<unk>', ' the'), fc.string()), {
        maxLength: 6,
      }),
      (tokenizer, parts) => {
        const text = parts.join('');
        const ids = tokenizer.encodeText(text);
        assert.ok(ids.every((id) => !tokenizer.isSpecial(id)));
        assert.equal(tokenizer.decode(ids), text);
        const hasNone = [...SPECIAL_TOKENS, '<s>', '</s>', '<unk>'].every((name) => !text.includes(name));
        if (hasNone) assert.deepEqual(ids, tokenizer.encode(text, { addSpecialTokens: false }));
      },
    ),
  );
});

test('adds what the model wants around a text unless told not to', async (context) => {
  const sequence = { Sequence: { id: 'A', type_id: 0 } };
  const bos = { SpecialToken: { id: '<|im_start|>', type_id: 0 } };
  const special = { '<|im_start|>': { id: '<|im_start|>', ids: [1], tokens: ['<|im_start|>'] } };
  const post_processor = {
    type: 'TemplateProcessing',
    single: [bos, sequence],
    pair: [],
    special_tokens: special,
  };
  const tokenizer = await load(context, { json: { post_processor } });
  assert.equal(tokenizer.encode('a')[0], 1);
  assert.deepEqual(tokenizer.encode('a', { addSpecialTokens: false }), tokenizer.encode('a').slice(1));
});

test('shows a token as text and as bytes, also where it is part of a character', async (context) => {
  const tokenizer = await load(context);
  const [first, ...rest] = tokenizer.encode('😀');
  assert.equal(rest.length, 2, 'the first two bytes are one token');
  assert.equal(tokenizer.tokenText(first as number), '\ufffd');
  assert.deepEqual([...tokenizer.tokenBytes(first as number)], [0xf0, 0x9f]);
  assert.equal(tokenizer.tokenText(2), SPECIAL_TOKENS[2]);
  assert.equal(Buffer.from(tokenizer.tokenBytes(2)).toString(), SPECIAL_TOKENS[2]);
});

test('renders the chat template of the config, or of its own file when there is one', async (context) => {
  const messages = [{ role: 'user', content: 'hi' }];
  const folder = await temporaryFolder(context);
  await writeByteTokenizer(folder);
  const tokenizer = await Tokenizer.load(folder);
  const prompt = '<|im_start|>user\nhi<|im_end|>\n';
  assert.equal(tokenizer.applyChatTemplate(messages), `${prompt}<|im_start|>assistant\n`);
  assert.equal(tokenizer.applyChatTemplate(messages, { addGenerationPrompt: false }), prompt);
  await writeFile(
    join(folder, 'chat_template.jinja'),
    '{{ bos_token }}{{ messages[0].content }}{{ eos_token }}',
  );
  assert.equal((await Tokenizer.load(folder)).applyChatTemplate(messages), '<|im_start|>hi<|im_end|>');
  const named = [
    { name: 'tool_use', template: 'tools' },
    { name: 'default', template: 'plain' },
  ];
  assert.equal(
    (await load(context, { config: { chat_template: named } })).applyChatTemplate(messages),
    'plain',
  );
});

test('what the template refuses is the fault of the messages', async (context) => {
  const tokenizer = await load(context);
  assert.throws(
    () => tokenizer.applyChatTemplate([{ role: 'wizard', content: 'x' }]),
    fails('invalid_argument', /refuses these messages: .*Unknown role: wizard/, 'messages'),
  );
  const base = await load(context, { config: { chat_template: undefined } });
  assert.throws(() => base.applyChatTemplate([]), fails('invalid_argument', /no chat template/, 'messages'));
});

test('missing, damaged and unsupported files are named', async (context) => {
  const folder = await temporaryFolder(context);
  await assert.rejects(
    Tokenizer.load(folder),
    fails('failed_precondition', /tokenizer\.json is missing or damaged/),
  );
  await writeByteTokenizer(folder);
  await rm(join(folder, 'tokenizer_config.json'));
  await assert.rejects(
    Tokenizer.load(folder),
    fails('failed_precondition', /tokenizer_config\.json is missing/),
  );
  const faulty: [Changes, RegExp][] = [
    [{ json: { model: { vocab: { a: -1 } } } }, /model\.vocab\.a/],
    [{ json: { decoder: { type: 'CTC' } } }, /decoder that is not supported: \{"type":"CTC"\}/],
    [{ json: { pre_tokenizer: { type: 'Quantum' } } }, /cannot be used: .*Quantum/],
    [{ config: { chat_template: '{% for %}' } }, /chat template is broken/],
  ];
  for (const [changes, message] of faulty)
    await assert.rejects(load(context, changes), fails('failed_precondition', message));
});
