"""Llama weights of a GGUF file (any quantisation that the gguf package can read), as the hub names and lays them out."""
import numpy as np
import torch
from gguf import GGUFReader, dequantize
from torch import Tensor

from .shape import Shape

LAYER_NAMES = {
    "attn_norm": "input_layernorm", "attn_q": "self_attn.q_proj", "attn_k": "self_attn.k_proj",
    "attn_v": "self_attn.v_proj", "attn_output": "self_attn.o_proj", "ffn_norm": "post_attention_layernorm",
    "ffn_gate": "mlp.gate_proj", "ffn_up": "mlp.up_proj", "ffn_down": "mlp.down_proj",
}
OUTER_NAMES = {"token_embd": "model.embed_tokens", "output_norm": "model.norm", "output": "lm_head"}


def read_gguf(path: str) -> tuple[Shape, dict[str, Tensor]]:
    reader = GGUFReader(path)
    field = lambda name: reader.fields[name].contents()  # noqa: E731
    if field("general.architecture") != "llama":
        raise ValueError(f"{path} is a {field('general.architecture')} model; only Llama can be distilled")
    names = [tensor.name for tensor in reader.tensors]
    heads, hidden = field("llama.attention.head_count"), field("llama.embedding_length")
    vocab = int(next(tensor for tensor in reader.tensors if tensor.name == "token_embd.weight").shape[1])
    shape = Shape(
        vocab=vocab, head=vocab, hidden=hidden, layers=field("llama.block_count"), heads=heads,
        kv_heads=field("llama.attention.head_count_kv"), head_dim=hidden // heads, mlp=field("llama.feed_forward_length"),
        rope_theta=field("llama.rope.freq_base"), rms_epsilon=field("llama.attention.layer_norm_rms_epsilon"),
        context=field("llama.context_length"), tied="output.weight" not in names,
    )
    return shape, {_hub_name(t.name): _values(t, shape) for t in reader.tensors}


def _hub_name(name: str) -> str:
    part, _, suffix = name.rpartition(".")
    if part.startswith("blk."):
        _, layer, part = part.split(".")
        return f"model.layers.{layer}.{LAYER_NAMES[part]}.{suffix}"
    return f"{OUTER_NAMES[part]}.{suffix}"


def _values(tensor, shape: Shape) -> Tensor:
    rows_first = tuple(int(size) for size in reversed(tensor.shape))
    values = torch.from_numpy(np.array(dequantize(tensor.data, tensor.tensor_type), np.float32).reshape(rows_first))
    for part, heads in (("attn_q", shape.heads), ("attn_k", shape.kv_heads)):
        if f".{part}." in tensor.name:  # GGUF interleaves the rotary pairs; the hub keeps them in two halves
            values = values.view(heads, shape.head_dim // 2, 2, -1).transpose(1, 2).reshape(rows_first)
    return values
