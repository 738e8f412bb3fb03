"""Which tokens a draft can say: the target's most frequent ones, counted in its own answers."""
import numpy as np
import torch
from torch import Tensor

from .shards import ANSWERED, Shard


def choose_head(shards: list[Shard], size: int, vocab: int) -> tuple[Tensor, float]:
    """The ids of the `size` most frequent tokens, ascending, and the share of the answers' tokens that they cover."""
    counts = np.zeros(vocab, np.int64)
    for shard in shards:
        counts += np.bincount(shard.tokens[shard.marks == ANSWERED], minlength=vocab)
    most = np.sort(np.argsort(-counts, kind="stable")[:size])
    return torch.from_numpy(most.astype(np.int32)), float(counts[most].sum() / counts.sum())


def put_first(head: Tensor, first: Tensor) -> Tensor:
    """The head [vocabulary, width] with the rows `first` in front and the others behind them."""
    rest = torch.ones(len(head), dtype=torch.bool, device=head.device)
    rest[first.long()] = False
    return torch.cat([head[first.long()], head[rest]])
