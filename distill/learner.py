"""One draft in training, with its optimisers. Several may learn from one pass of the target, to compare settings."""
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from .head import put_first
from .llama import Llama, rope_tables, window_mask
from .loss import DistillationLoss
from .muon import Muon

MUON, ADAMW = "muon", "adamw"


@dataclass(frozen=True)
class Lesson:
    """What a step is learnt from: ids [rows, length]; places [n] in the flattened rows and their weight [n]; the target's
    hidden rows there and its head with the draft's tokens first; its features of all positions, if the draft reads them."""

    ids: Tensor
    places: Tensor
    weight: Tensor
    target_hidden: Tensor
    target_head: Tensor
    features: Tensor | None = None


class Learner:
    def __init__(self, draft: nn.Module, optimiser: str, dtype: torch.dtype):
        self.draft, self.dtype = draft, dtype
        self.masks: dict[int, Tensor | None] = {}
        self.tables: dict[int, tuple[Tensor, Tensor]] = {}
        self.trained = [p for p in draft.parameters() if p.requires_grad]
        matrices = self.matrices() if optimiser == MUON else []
        by_muon = {id(matrix) for matrix, _ in matrices}
        others = [p for p in self.trained if id(p) not in by_muon]
        fused = draft.head.is_cuda
        self.optimisers: list[torch.optim.Optimizer] = [
            torch.optim.AdamW(others, lr=0.0, betas=(0.9, 0.95), weight_decay=0.0, fused=fused)
        ]
        if matrices:
            self.optimisers.append(Muon(matrices, lr=0.0))

    def learn(self, lesson: Lesson, tv_share: Tensor, rate: float) -> Tensor:
        """One step. Returns the sums of the loss, [steps, 3]."""
        hidden, weight, shares = self.guesses(lesson)
        sums = DistillationLoss.apply(hidden, self.draft.head, lesson.target_hidden, lesson.target_head, weight, tv_share)
        (sums[:, 0] * shares).sum().backward()
        nn.utils.clip_grad_norm_(self.trained, 1.0)
        for optimiser in self.optimisers:
            for group in optimiser.param_groups:
                group["lr"] = rate
            optimiser.step()
            optimiser.zero_grad(set_to_none=True)
        return sums.detach()

    def guesses(self, lesson: Lesson) -> tuple[Tensor, Tensor, Tensor]:
        """Hidden rows [steps, n, width] that guess the token after each place, their weight [steps, n], and the share of
        each step in the loss [steps]. A stand-alone draft takes a single step."""
        hidden = self.hidden(lesson.ids).flatten(0, 1)[lesson.places]
        return hidden[None], lesson.weight[None], lesson.weight.new_ones(1)

    def hidden(self, ids: Tensor) -> Tensor:
        length = ids.shape[1]
        if length not in self.tables:
            self.tables[length] = rope_tables(self.draft.shape, length, ids.device)
            self.masks[length] = window_mask(self.draft.shape, length, ids.device)
        return self.draft.hidden_states(ids, self.tables[length], self.masks[length], self.dtype)

    def matrices(self) -> list[tuple[Tensor, list[int]]]:
        """The matrices inside layers, with the rows of each that is stacked in them."""
        s = self.draft.shape
        width, kv_width = s.heads * s.head_dim, s.kv_heads * s.head_dim
        found = []
        for layer in self.draft.layers:
            found += [(layer.qkv, [width, kv_width, kv_width]), (layer.out, [s.hidden])]
            found += [(layer.gate_up, [s.mlp, s.mlp]), (layer.down, [s.hidden])]
        return found

    def state(self) -> dict:
        return {"draft": self.draft.state_dict(), "optimisers": [o.state_dict() for o in self.optimisers]}

    def load_state(self, state: dict) -> None:
        self.draft.load_state_dict(state["draft"])
        for optimiser, saved in zip(self.optimisers, state["optimisers"], strict=True):
            optimiser.load_state_dict(saved)


class Teacher:
    """The target, which is never trained: hidden rows and features, and its head in the order of a draft's."""

    def __init__(self, target: Llama, head_ids: Tensor, dtype: torch.dtype, feature_layers: tuple[int, ...] = ()):
        self.target = target.to(dtype).requires_grad_(False)
        self.dtype, self.feature_layers = dtype, feature_layers
        self.head = put_first(self.target.head, head_ids)
        self.tables: dict[int, tuple[Tensor, Tensor]] = {}

    @torch.no_grad()
    def lesson(self, ids: Tensor, places: Tensor, weight: Tensor) -> Lesson:
        length = ids.shape[1]
        if length not in self.tables:
            self.tables[length] = rope_tables(self.target.shape, length, ids.device)
        hidden, features = self.target.hidden_and_features(ids, self.tables[length], None, self.dtype, self.feature_layers)
        return Lesson(ids, places, weight, hidden.flatten(0, 1)[places], self.head, features)
