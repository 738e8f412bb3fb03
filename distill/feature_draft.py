"""A draft that reads the target's features (EAGLE-3, arXiv 2503.01840): few layers over the embedding and the head of a
stand-alone draft. Those stay as they are, unless the draft has no layers to stand alone with: then they are this one's and
learn too. At position t it reads token t and a state: the fused features of the target at
t - 1 where they are known, else its own output there."""
from dataclasses import replace

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from .features import EPSILON
from .llama import Layer, Llama
from .quantise import quantised


class FeatureDraft(nn.Module):
    def __init__(self, base: Llama, layers: int, target_layers: tuple[int, ...], target_hidden: int):
        """`base` is a stand-alone draft, of which the embedding and the head are used."""
        super().__init__()
        self.base = base.requires_grad_(False)
        #: Whether there is no other draft: embedding and head learn with the layers.
        self.is_whole = len(base.layers) == 0
        base.embedding.requires_grad_(self.is_whole)
        base.head.requires_grad_(self.is_whole)
        base.embed_in_four_bits = self.is_whole
        self.shape = replace(base.shape, layers=layers)
        self.target_layers, self.target_hidden = tuple(target_layers), target_hidden
        hidden = self.shape.hidden
        self.fusion = nn.Parameter(torch.zeros(hidden, len(target_layers) * target_hidden))
        self.embedding_norm = nn.Parameter(torch.ones(hidden))
        self.state_norm = nn.Parameter(torch.ones(hidden))
        self.input = nn.Parameter(torch.zeros(hidden, 2 * hidden))
        self.layers = nn.ModuleList(Layer(self.shape) for _ in range(layers))
        self.norm = nn.Parameter(torch.ones(hidden))

    @property
    def head(self) -> Tensor:
        return self.base.head

    @property
    def head_ids(self) -> Tensor:
        return self.base.head_ids

    @torch.no_grad()
    def round_base(self) -> None:
        """Gives embedding and head the values of the built model, where nothing trains them any more."""
        if self.is_whole:
            return
        self.base.embedding.copy_(quantised(self.base.embedding, 4))
        if self.base.own_head is not None:
            self.base.own_head.copy_(quantised(self.base.own_head, 8))

    def first_states(self, ids: Tensor, features: Tensor | None, dtype: torch.dtype) -> Tensor:
        """features [rows, positions, width], or None if no row is known → what goes with ids [rows, positions]: the row of
        the position before, fused."""
        if features is None:
            return torch.zeros(*ids.shape, self.shape.hidden, dtype=dtype, device=ids.device)
        return F.pad(F.linear(features[:, :-1].to(dtype), self.fusion.to(dtype)), (0, 0, 1, 0))

    def read(self, ids: Tensor, states: Tensor, dtype: torch.dtype) -> Tensor:
        """→ what the first layer gets, [rows, positions, hidden]."""
        embedded = self._norm(self.base.embed(ids, dtype), self.embedding_norm)
        return F.linear(torch.cat([embedded, self._norm(states, self.state_norm)], -1), self.input.to(dtype))

    def final_norm(self, states: Tensor) -> Tensor:
        return self._norm(states, self.norm)

    def matrices(self) -> list[tuple[Tensor, list[int]]]:
        """Those outside the layers, with the rows of each that is stacked in them."""
        return [(self.fusion, [len(self.fusion)]), (self.input, [len(self.input)])]

    def _norm(self, x: Tensor, weight: Tensor) -> Tensor:
        return F.rms_norm(x, (x.shape[-1],), weight.to(x.dtype), self.shape.rms_epsilon)


@torch.no_grad()
def new_feature_draft(
    base: Llama, layers: int, target_layers: tuple[int, ...], target_hidden: int, keeps_alone: bool, seed: int
) -> FeatureDraft:
    """It starts near the stand-alone draft: the outer layers of that are its layers, and its input is the embedding plus a
    little of the fused features. Where the stand-alone draft isn't kept, its layers are gone."""
    alone = base.layers
    if not keeps_alone:
        base.layers = nn.ModuleList()
    draft = FeatureDraft(base, layers, target_layers, target_hidden)
    for layer, taken in zip(draft.layers, _spread(layers, len(alone))):
        layer.load_state_dict(alone[taken].state_dict())
    draft.norm.copy_(base.norm)
    generator = torch.Generator().manual_seed(seed)
    hidden = draft.shape.hidden
    size = base.embedding.square().mean(-1).add(EPSILON).sqrt().median()
    draft.embedding_norm.fill_(size)
    draft.input[:, :hidden].copy_(torch.eye(hidden))
    draft.input[:, hidden:].normal_(std=0.5 * size * hidden**-0.5, generator=generator)
    draft.fusion.normal_(std=draft.fusion.shape[1] ** -0.5, generator=generator)
    return draft


def _spread(layers: int, available: int) -> list[int]:
    """From first to last; of a single one, the last."""
    if layers == 1:
        return [available - 1]
    return [round(i * (available - 1) / (layers - 1)) for i in range(layers)]
