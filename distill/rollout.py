"""Real rollouts: from every position of a row the draft goes on by itself for up to gamma tokens, and we count how many of
them the target's greedy text confirms. All positions of a row are drafted at once: a drafted token attends to the real
tokens up to where its draft began, and to its own earlier drafted tokens."""
import torch
import torch.nn.functional as F
from torch import Tensor

from .llama import Llama, exact_logits, rope_tables


@torch.no_grad()
def confirmed_lengths(draft: Llama, ids: Tensor, gamma: int) -> Tensor:
    """ids [rows, length] → [rows, length], how many of `gamma` greedy tokens drafted after position t equal ids[t + 1 …]."""
    rows, length = ids.shape
    cos, sin = rope_tables(draft.shape, length + gamma, ids.device)
    caches: list[list[tuple[Tensor, Tensor]]] = [[] for _ in draft.layers]
    token, alive = ids, torch.ones_like(ids, dtype=torch.bool)
    confirmed = torch.zeros_like(ids)
    for ahead in range(gamma):
        x = draft.embed(token, torch.float32)
        for layer, cache in zip(draft.layers, caches):
            q, k, v = layer.queries_keys_values(x, cos[ahead : ahead + length], sin[ahead : ahead + length])
            cache.append((k, v))
            attended = _attend(q, cache, ahead, draft.shape.window or length + gamma)
            x = layer.finish(x, attended.transpose(1, 2).reshape(rows, length, -1))
        logits = exact_logits(draft.final_norm(x).flatten(0, 1), draft.head)
        token = draft.head_ids[logits.argmax(-1)].view(rows, length).long()
        truth = F.pad(ids[:, ahead + 1 :], (0, ahead + 1), value=-1)
        alive &= token == truth
        confirmed += alive
    return confirmed


def _attend(q: Tensor, cache: list[tuple[Tensor, Tensor]], ahead: int, window: int) -> Tensor:
    """q [rows, heads, length, dim], each `ahead` positions past its own start t. cache[0] is of the real tokens, cache[i] of
    the i-th drafted ones."""
    group = q.shape[1] // cache[0][0].shape[1]
    keys, values = zip(*((k.repeat_interleave(group, 1), v.repeat_interleave(group, 1)) for k, v in cache))
    start = torch.arange(q.shape[2], device=q.device)
    back = start[:, None] + ahead - start[None]
    visible = (start[None] <= start[:, None]) & (back < window)
    scores = (q @ keys[0].mT).masked_fill(~visible, -torch.inf)
    own = torch.stack([(q * k).sum(-1) for k in keys[1:]], -1) if ahead else q.new_zeros(*q.shape[:3], 0)
    weights = torch.softmax(torch.cat([scores, own], -1) * q.shape[-1] ** -0.5, -1)
    real, drafted = weights.split([q.shape[2], ahead], -1)
    attended = real @ values[0]
    for i, v in enumerate(values[1:]):
        attended = attended + drafted[..., i : i + 1] * v
    return attended


def rounds(confirmed: list[int], gamma: int) -> tuple[int, int, int]:
    """Plays the rounds of one answer: confirmed[i] belongs to the position before answer token i. Returns rounds, drafted
    tokens and accepted tokens; every round adds one token of the target's own."""
    at = count = drafted = accepted = 0
    while at < len(confirmed):
        tried = min(gamma, len(confirmed) - at)
        kept = min(confirmed[at], tried)
        count, drafted, accepted = count + 1, drafted + tried, accepted + kept
        at += kept + 1
    return count, drafted, accepted
