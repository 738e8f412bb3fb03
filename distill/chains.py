"""Drafting from every position of a row at once. Chain u begins after the real tokens 0 … u; its token number k stands at
position u + k and attends to the real tokens up to u and to the chain's own earlier ones. Everything of step k is indexed
by u, so that a rollout and the self-fed steps of a training (EAGLE-3's training-time test) are the same computation."""
import torch
import torch.nn.functional as F
from torch import Tensor

from .llama import Layer, rope_tables, window_mask

Past = list[tuple[Tensor, Tensor]]


class Chains:
    """`draft` is a Llama or a FeatureDraft; `steps` of rows of `length` tokens can be taken."""

    def __init__(self, draft, length: int, steps: int):
        device = draft.head.device
        self.draft, self.length = draft, length
        self.cos, self.sin = rope_tables(draft.shape, length + steps, device)
        self.mask = window_mask(draft.shape, length, device)
        self.begin()

    def begin(self) -> None:
        self.ahead = 0
        self.caches: list[Past] = [[] for _ in self.draft.layers]

    def step(self, tokens: Tensor, states: Tensor | None, dtype: torch.dtype) -> Tensor:
        """tokens [rows, length]: number `ahead` of each chain, states of the position before it → the draft's own states
        [rows, length, hidden], before the final norm."""
        at = slice(self.ahead, self.ahead + self.length)
        x = read(self.draft, tokens, states, dtype)
        for layer, past in zip(self.draft.layers, self.caches):
            x, keys, values = layer_step(layer, x, past, self.cos[at], self.sin[at], self.mask)
            past.append((keys, values))
        self.ahead += 1
        return x


def read(draft, tokens: Tensor, states: Tensor | None, dtype: torch.dtype) -> Tensor:
    return draft.read(tokens, states, dtype)


def layer_step(layer: Layer, x: Tensor, past: Past, cos: Tensor, sin: Tensor, mask: Tensor | None) -> tuple[Tensor, Tensor, Tensor]:
    """→ the residual stream after the layer, and the keys and values of this step."""
    q, k, v = layer.queries_keys_values(x, cos, sin)
    if past:
        attended = attend(q, [*past, (k, v)], layer.shape.window)
    else:
        grouped = layer.shape.heads != layer.shape.kv_heads
        attended = F.scaled_dot_product_attention(q, k, v, attn_mask=mask, is_causal=mask is None, enable_gqa=grouped)
    return layer.finish(x, attended.transpose(1, 2).reshape(x.shape[0], x.shape[1], -1)), k, v


def attend(q: Tensor, cache: Past, window: int | None) -> Tensor:
    """q [rows, heads, length, dim] of the chains' newest tokens. cache[0] is of the real tokens, cache[k] of the chains'
    tokens number k. Sums in float32, over real and own keys apart, so that no joint matrix of both is made."""
    ahead, scale, group = len(cache) - 1, q.shape[-1] ** -0.5, q.shape[1] // cache[0][0].shape[1]
    keys, values = zip(*((k.repeat_interleave(group, 1), v.repeat_interleave(group, 1)) for k, v in cache))
    start = torch.arange(q.shape[2], device=q.device)
    back = start[:, None] + ahead - start[None]
    visible = (start[None] <= start[:, None]) & (back < (window or q.shape[2] + ahead))
    scores = (q @ keys[0].mT).float().mul(scale).masked_fill(~visible, -torch.inf)
    own = torch.stack([(q.float() * k.float()).sum(-1) * scale for k in keys[1:]], -1)
    highest = torch.maximum(scores.detach().amax(-1), own.detach().amax(-1))[..., None]
    weights, own_weights = (scores - highest).exp(), (own - highest).exp()
    total = weights.sum(-1, keepdim=True) + own_weights.sum(-1, keepdim=True)
    attended = (weights.to(q.dtype) @ values[0]).float()
    for k, v in enumerate(values[1:]):
        attended = attended + own_weights[..., k : k + 1] * v.float()
    return (attended / total).to(q.dtype)
