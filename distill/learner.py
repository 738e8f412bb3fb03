"""One draft in training, with its optimisers. Several may learn from one pass of the target, to compare settings."""
import torch
from torch import Tensor, nn

from .head import put_first
from .llama import Llama, rope_tables, window_mask
from .loss import DistillationLoss
from .muon import Muon

MUON, ADAMW = "muon", "adamw"


class Learner:
    def __init__(self, draft: Llama, optimiser: str, dtype: torch.dtype):
        self.draft, self.dtype = draft, dtype
        self.masks: dict[int, Tensor | None] = {}
        self.tables: dict[int, tuple[Tensor, Tensor]] = {}
        matrices = _matrices(draft) if optimiser == MUON else []
        by_muon = {id(matrix) for matrix, _ in matrices}
        others = [p for p in draft.parameters() if id(p) not in by_muon]
        fused = draft.embedding.is_cuda
        self.optimisers: list[torch.optim.Optimizer] = [
            torch.optim.AdamW(others, lr=0.0, betas=(0.9, 0.95), weight_decay=0.0, fused=fused)
        ]
        if matrices:
            self.optimisers.append(Muon(matrices, lr=0.0))

    def learn(self, ids: Tensor, places: Tensor, target: tuple[Tensor, Tensor], weight: Tensor, tv_share: Tensor, rate: float) -> Tensor:
        """One step; `target` is hidden rows at the places and the head with this draft's tokens first. Returns the sums of
        the loss."""
        hidden = self.hidden(ids).flatten(0, 1)[places]
        sums = DistillationLoss.apply(hidden, self.draft.head, *target, weight, tv_share)
        sums[0].backward()
        nn.utils.clip_grad_norm_(self.draft.parameters(), 1.0)
        for optimiser in self.optimisers:
            for group in optimiser.param_groups:
                group["lr"] = rate
            optimiser.step()
            optimiser.zero_grad(set_to_none=True)
        return sums.detach()

    def hidden(self, ids: Tensor) -> Tensor:
        length = ids.shape[1]
        if length not in self.tables:
            self.tables[length] = rope_tables(self.draft.shape, length, ids.device)
            self.masks[length] = window_mask(self.draft.shape, length, ids.device)
        return self.draft.hidden_states(ids, self.tables[length], self.masks[length], self.dtype)

    def state(self) -> dict:
        return {"draft": self.draft.state_dict(), "optimisers": [o.state_dict() for o in self.optimisers]}

    def load_state(self, state: dict) -> None:
        self.draft.load_state_dict(state["draft"])
        for optimiser, saved in zip(self.optimisers, state["optimisers"], strict=True):
            optimiser.load_state_dict(saved)


class Teacher:
    """The target, which is never trained: hidden rows, and its head in the order of a draft's."""

    def __init__(self, target: Llama, head_ids: Tensor, dtype: torch.dtype):
        self.target = target.to(dtype).requires_grad_(False)
        self.dtype = dtype
        self.head = put_first(self.target.head, head_ids)
        self.tables: dict[int, tuple[Tensor, Tensor]] = {}

    @torch.no_grad()
    def hidden(self, ids: Tensor) -> Tensor:
        length = ids.shape[1]
        if length not in self.tables:
            self.tables[length] = rope_tables(self.target.shape, length, ids.device)
        return self.target.hidden_states(ids, self.tables[length], None, self.dtype)


def _matrices(draft: Llama) -> list[tuple[Tensor, list[int]]]:
    s = draft.shape
    width, kv_width = s.heads * s.head_dim, s.kv_heads * s.head_dim
    found = []
    for layer in draft.layers:
        found += [(layer.qkv, [width, kv_width, kv_width]), (layer.out, [s.hidden])]
        found += [(layer.gate_up, [s.mlp, s.mlp]), (layer.down, [s.hidden])]
    return found
