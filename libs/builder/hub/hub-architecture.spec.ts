import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { AppError } from '#libs/errors/index.js';
import { writeTinyHub } from '../../../test/support/tiny-checkpoint.js';
import { openHubFolder } from './hub-checkpoint.js';

const root = mkdtempSync(join(tmpdir(), 'outrider-hub-architecture-'));
after(() => rmSync(root, { recursive: true }));

let count = 0;
const hub = (config = {}) => writeTinyHub(join(root, `hub-${count++}`), config);

function refuses(folder: string, message: RegExp): void {
  assert.throws(
    () => openHubFolder(folder).close(),
    (error) =>
      error instanceof AppError && error.code === 'failed_precondition' && message.test(error.message),
  );
}

test('what the graphs of Qwen and Gemma cannot express is refused by name', () => {
  const windowed = { use_sliding_window: true, sliding_window: 8 };
  refuses(hub({ model_type: 'qwen2', hidden_act: 'gelu' }), /hidden_act is "gelu", not silu/);
  refuses(hub({ model_type: 'qwen3', attention_bias: true }), /attention_bias is set/);
  refuses(hub({ model_type: 'qwen3', layer_types: ['full_attention'] }), /layer_types does not name one/);
  const mixed = { layer_types: ['full_attention', 'linear_attention'] };
  refuses(hub({ model_type: 'qwen3', ...mixed }), /layer_types names "linear_attention"/);
  const local = { layer_types: ['full_attention', 'sliding_attention'] };
  refuses(hub({ model_type: 'qwen2', ...local }), /layer 1 is sliding_attention, but there is no/);
  refuses(
    hub({ model_type: 'gemma2', sliding_window: null }),
    /layer 0 is sliding_attention, but there is no/,
  );
  refuses(hub({ model_type: 'qwen2', ...windowed, ...local, sliding_window: -1 }), /slidingWindows/);
  refuses(hub({ model_type: 'gemma2', hidden_activation: 'gelu' }), /hidden_activation is "gelu"/);
  refuses(hub({ model_type: 'gemma2', use_bidirectional_attention: true }), /bidirectional_attention is set/);
  refuses(hub({ model_type: 'gemma2', attn_logit_softcapping: 0 }), /attentionSoftcap/);
  refuses(hub({ model_type: 'gemma2', query_pre_attn_scalar: 'x' }), /attentionScale/);
  const nested = { rope_parameters: { full_attention: { rope_theta: 1e6 } } };
  refuses(hub({ model_type: 'gemma2', ...nested }), /parts of its own \(full_attention\)/);
  refuses(hub({ model_type: 'qwen2', num_hidden_layers: 1e9 }), /numLayers/);
});

test('config.json says what sets a family apart; what it leaves out is as in the reference', () => {
  const config = (json: object) => {
    const checkpoint = openHubFolder(hub(json));
    checkpoint.close();
    return checkpoint.config;
  };
  const gemma = config({ model_type: 'gemma2', tie_word_embeddings: undefined, hidden_size: 3584 });
  assert.equal(gemma.tiedHead, true);
  assert.equal(gemma.embeddingScale, Math.fround(Math.sqrt(3584)));
  assert.equal(
    config({ model_type: 'gemma2', hidden_size: 3584, torch_dtype: 'bfloat16' }).embeddingScale,
    59.75,
  );
  assert.deepEqual([gemma.attentionSoftcap, gemma.logitSoftcap, gemma.attentionScale], [50, 30, 1 / 16]);
  assert.deepEqual([gemma.slidingWindows, gemma.normOffset], [[4096, null], 1]);
  assert.equal(config({ model_type: 'gemma2', attn_logit_softcapping: null }).attentionSoftcap, null);
  const qwen = config({ model_type: 'qwen2', sliding_window: 8, use_sliding_window: false });
  assert.deepEqual([qwen.slidingWindows, qwen.attentionScale, qwen.tiedHead], [[null, null], 0.25, true]);
  const late = { use_sliding_window: true, sliding_window: 8, max_window_layers: 1 };
  assert.deepEqual(config({ model_type: 'qwen2', ...late }).slidingWindows, [null, 8]);
  assert.equal(config({ model_type: 'qwen3', head_dim: undefined }).headDim, 128);
  assert.deepEqual(config({ sliding_window: 8 }).slidingWindows, [8, 8]);
});
