"""A new draft. Embedding and head start from the principal components of the target's embedding: random ones cost several
points of acceptance."""
import torch

from .llama import Llama
from .shape import Shape


@torch.no_grad()
def new_draft(shape: Shape, target: Llama, head_ids: torch.Tensor, seed: int) -> Llama:
    draft = Llama(shape)
    draft.head_ids.copy_(head_ids)
    generator = torch.Generator().manual_seed(seed)
    for layer in draft.layers:
        for matrix in (layer.qkv, layer.gate_up):
            matrix.normal_(std=0.6 * matrix.shape[1] ** -0.5, generator=generator)
        for matrix in (layer.out, layer.down):  # what adds to the residual stream starts small
            matrix.normal_(std=0.3 * matrix.shape[1] ** -0.5 * shape.layers**-0.5, generator=generator)
    components = _principal_components(target.embedding.float().cpu(), shape.hidden)
    draft.embedding.copy_(components / components.std() * 0.5)
    own_head = components if target.own_head is None else _principal_components(target.head.float().cpu(), shape.hidden)
    draft.own_head.copy_(own_head[head_ids.long()] / own_head.std() * 0.05)
    return draft


def _principal_components(matrix: torch.Tensor, width: int) -> torch.Tensor:
    if width > matrix.shape[1]:
        raise ValueError(f"a draft of width {width} is wider than its target ({matrix.shape[1]})")
    axes = torch.linalg.eigh(matrix.T @ matrix)[1].flip(1)[:, :width]
    return matrix @ axes
