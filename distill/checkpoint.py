"""Reads a target (a hub folder or a GGUF file) and reads and writes drafts as hub folders with `head_token_ids`."""
import json
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor

from .llama import Layer, Llama
from .shape import Shape

PARTS = {  # parameter of a Layer → the hub's tensors that are stacked in it
    "attention_norm": ("input_layernorm",),
    "qkv": ("self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj"),
    "out": ("self_attn.o_proj",),
    "mlp_norm": ("post_attention_layernorm",),
    "gate_up": ("mlp.gate_proj", "mlp.up_proj"),
    "down": ("mlp.down_proj",),
}


def load_model(path: str) -> Llama:
    """A float32 model on the CPU; raises ValueError or KeyError if the file is not a Llama checkpoint."""
    if Path(path).is_dir():
        config, tensors = hub_folder(path)
        shape = Shape.from_hub(config)
    else:
        from .gguf_file import read_gguf  # its package is needed for such files only

        shape, tensors = read_gguf(path)
    model = Llama(shape)
    with torch.no_grad():
        _fill(model, tensors)
    return model


def hub_folder(path: str) -> tuple[dict, dict[str, Tensor]]:
    """config.json and all tensors."""
    config = json.loads((Path(path) / "config.json").read_text())
    tensors: dict[str, Tensor] = {}
    for file in sorted(Path(path).glob("*.safetensors")):
        tensors |= load_file(file)
    if not tensors:
        raise ValueError(f"{path} holds no .safetensors file")
    return config, tensors


def _fill(model: Llama, tensors: dict[str, Tensor]) -> None:
    model.embedding.copy_(tensors["model.embed_tokens.weight"])
    model.norm.copy_(tensors["model.norm.weight"])
    if model.own_head is not None:
        model.own_head.copy_(tensors["lm_head.weight"])
    if "head_token_ids" in tensors:
        model.head_ids.copy_(tensors["head_token_ids"])
    for i, layer in enumerate(model.layers):
        fill_layer(layer, tensors, f"model.layers.{i}")


def fill_layer(layer: Layer, tensors: dict[str, Tensor], prefix: str) -> None:
    for ours, theirs in PARTS.items():
        getattr(layer, ours).copy_(torch.cat([tensors[f"{prefix}.{part}.weight"].float() for part in theirs]))


def layer_tensors(layer: Layer, prefix: str) -> dict[str, Tensor]:
    """By the hub's names."""
    shape = layer.shape
    width, kv_width = shape.heads * shape.head_dim, shape.kv_heads * shape.head_dim
    rows = {"qkv": [width, kv_width, kv_width], "gate_up": [shape.mlp, shape.mlp]}
    tensors = {}
    for ours, theirs in PARTS.items():
        value = getattr(layer, ours)
        for part, rows_of in zip(theirs, value.split(rows.get(ours, [len(value)]))):
            tensors[f"{prefix}.{part}.weight"] = rows_of
    return tensors


def save_draft(model: Llama, folder: str, bos: int | None, eos: int | list[int] | None) -> None:
    """Float16 weights in the form that `outrider build` reads; `folder` is made, files in it are replaced."""
    save_hub_folder(folder, model.shape.to_hub(bos, eos), draft_tensors(model))


def draft_tensors(model: Llama) -> dict[str, Tensor]:
    tensors = {"model.embed_tokens.weight": model.embedding, "model.norm.weight": model.norm}
    if model.own_head is not None:
        tensors |= {"lm_head.weight": model.own_head, "head_token_ids": model.head_ids}
    for i, layer in enumerate(model.layers):
        tensors |= layer_tensors(layer, f"model.layers.{i}")
    return tensors


def save_hub_folder(folder: str, config: dict, tensors: dict[str, Tensor]) -> None:
    out = Path(folder)
    out.mkdir(parents=True, exist_ok=True)
    stored = {n: (t.half() if t.is_floating_point() else t).detach().cpu().contiguous() for n, t in tensors.items()}
    save_file(stored, out / "model.safetensors", metadata={"format": "pt"})
    (out / "config.json").write_text(json.dumps(config, indent=1) + "\n")
