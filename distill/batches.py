"""Training rows in the order that they are learnt from: every row once, reshuffled, then again. Rows of several lengths
take turns in proportion to their tokens; all batches have about the same number of tokens."""
import numpy as np
import torch
from torch import Tensor

from .loss import CHUNK
from .shards import ANSWERED, Shard


class Batches:
    def __init__(self, shards: dict[int, Shard], tokens_per_batch: int, device, seed: int):
        on_device = lambda array: torch.from_numpy(array.astype("int32")).to(device)  # noqa: E731
        self.tokens = {n: on_device(shard.tokens) for n, shard in shards.items()}
        self.answered = {n: torch.from_numpy(shard.marks == ANSWERED).to(device) for n, shard in shards.items()}
        self.rows = {n: max(1, tokens_per_batch // n) for n in shards}
        self.wanted = {n: self._wanted(n) for n in shards}
        self.seed, self.cursors = seed, {n: 0 for n in shards}
        self.orders: dict[tuple[int, int], np.ndarray] = {}  # by length and epoch
        total = sum(tokens.numel() for tokens in self.tokens.values())
        self.odds = [self.tokens[n].numel() / total for n in self.tokens]
        self.total = total

    def next(self, step: int) -> tuple[Tensor, Tensor, Tensor]:
        """ids [rows, length]; places [n] in the flattened rows from which an answer's token is predicted, and weight [n],
        zero for the filling. n depends on the length only, so that graphs of one shape serve."""
        lengths = list(self.tokens)
        length = lengths[np.random.default_rng((self.seed, step)).choice(len(lengths), p=self.odds)]
        rows = self._rows(length)
        ids = self.tokens[length][rows].long()
        predicts = torch.zeros_like(ids, dtype=torch.float32)
        predicts[:, :-1] = self.answered[length][rows][:, 1:].float()
        predicts = predicts.flatten()
        places = (predicts + 0.5 * torch.rand_like(predicts)).topk(self.wanted[length]).indices
        return ids, places, predicts[places]

    def _rows(self, length: int) -> Tensor:
        start, count = self.cursors[length], len(self.tokens[length])
        self.cursors[length] += self.rows[length]
        indices = [self._order(length, at // count)[at % count] for at in range(start, start + self.rows[length])]
        return torch.tensor(indices, device=self.tokens[length].device)

    def _order(self, length: int, epoch: int) -> np.ndarray:
        if (length, epoch) not in self.orders:
            count = len(self.tokens[length])
            self.orders = {key: order for key, order in self.orders.items() if key[0] != length or key[1] == epoch - 1}
            self.orders[length, epoch] = np.random.default_rng((self.seed, length, epoch)).permutation(count)
        return self.orders[length, epoch]

    def _wanted(self, length: int) -> int:
        """As many places as a batch has on average; of a large one in whole chunks of the loss, which then has one shape."""
        places = self.rows[length] * (length - 1) * self.answered[length].float().mean().item()
        quantum = CHUNK if places > 2 * CHUNK else 256 if places > 512 else 1
        return max(1, round(places / quantum) * quantum)
