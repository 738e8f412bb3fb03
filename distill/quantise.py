"""The block quantisation of `outrider build`, so that a draft is trained with the very values that will be served: blocks of
32 in a row, symmetric; at 4 bits the extreme of a block, with its sign, becomes -8; at 8 bits it becomes ±127."""
import torch
from torch import Tensor

BLOCK = 32


def quantised(weights: Tensor, bits: int) -> Tensor:
    """The values after a round trip through `bits` (4 or 8); the last dimension must be a multiple of BLOCK."""
    blocks = weights.detach().float().unflatten(-1, (-1, BLOCK))
    high, low = blocks.amax(-1, keepdim=True), blocks.amin(-1, keepdim=True)
    extreme = torch.where(high >= -low, high, low)
    scale = extreme / -8 if bits == 4 else extreme.abs() / 127
    scale = torch.where(scale == 0, torch.ones_like(scale), scale)
    limits = (-8, 7) if bits == 4 else (-127, 127)
    return ((blocks / scale).round().clamp(*limits) * scale).flatten(-2).to(weights.dtype)


def four_bits(weights: Tensor) -> Tensor:
    """Quantised in the forward pass, the identity in the backward pass."""
    return weights + (quantised(weights, 4) - weights).detach()


@torch.no_grad()
def quantise_as_built(model) -> None:
    """Rounds a draft's weights in place as `outrider build` does: 8 bits, the embedding 4. What a FeatureDraft shares is
    rounded already."""
    owner = model if hasattr(model, "embedding") else model.base if model.is_whole else None
    if owner is not None:
        owner.embedding.copy_(quantised(owner.embedding, 4))
        if owner.own_head is not None:
            owner.own_head.copy_(quantised(owner.own_head, 8))
    if owner is not model:
        for matrix, _ in model.matrices():
            matrix.copy_(quantised(matrix, 8))
    for layer in model.layers:
        for matrix in (layer.qkv, layer.out, layer.gate_up, layer.down):
            matrix.copy_(quantised(matrix, 8))
