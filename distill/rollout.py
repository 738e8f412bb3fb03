"""Real rollouts: from every position of a row the draft goes on by itself for up to gamma tokens, and we count how many of
them the target's greedy text confirms."""
import torch
import torch.nn.functional as F
from torch import Tensor

from .chains import Chains
from .llama import exact_logits


@torch.no_grad()
def confirmed_lengths(draft, ids: Tensor, gamma: int, features: Tensor | None = None) -> Tensor:
    """ids [rows, length] → [rows, length], how many of `gamma` greedy tokens drafted after position t equal ids[t + 1 …].
    A FeatureDraft begins with the target's `features` of the real tokens and goes on with its own states."""
    rows, length = ids.shape
    chains = Chains(draft, length, gamma)
    token, alive = ids, torch.ones_like(ids, dtype=torch.bool)
    states = draft.first_states(ids, features, torch.float32)
    confirmed = torch.zeros_like(ids)
    for ahead in range(gamma):
        states = chains.step(token, states, torch.float32)
        logits = exact_logits(draft.final_norm(states).flatten(0, 1), draft.head)
        token = draft.head_ids[logits.argmax(-1)].view(rows, length).long()
        truth = F.pad(ids[:, ahead + 1 :], (0, ahead + 1), value=-1)
        alive &= token == truth
        confirmed += alive
    return confirmed


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
