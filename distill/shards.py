"""Samples on disk: numbered files of token rows, each with a mark for every token that says who wrote it."""
from dataclasses import dataclass
from pathlib import Path

import numpy as np

#: FORCED by the prompt or the template, written by the target in an ANSWER (or plain text), or in a USER turn.
FORCED, ANSWERED, ASKED = 0, 1, 2


@dataclass(frozen=True)
class Shard:
    tokens: np.ndarray  # [rows, positions] uint16, or uint32 for large vocabularies
    marks: np.ndarray  # [rows, positions] uint8

    def save(self, folder: str, name: str) -> None:
        """Under its real name only once it is whole, so that a killed run leaves no half file."""
        Path(folder).mkdir(parents=True, exist_ok=True)
        unfinished = Path(folder) / f".{name}.npz"
        np.savez(unfinished, tokens=self.tokens, marks=self.marks)
        unfinished.rename(Path(folder) / f"{name}.npz")

    @classmethod
    def load(cls, path: Path) -> "Shard":
        with np.load(path) as file:
            return cls(file["tokens"], file["marks"])


def load_shards(folder: str, pattern: str = "*.npz") -> dict[int, Shard]:
    """All shards of a folder, joined by row length."""
    by_length: dict[int, list[Shard]] = {}
    for path in sorted(p for p in Path(folder).glob(pattern) if not p.name.startswith(".")):
        shard = Shard.load(path)
        by_length.setdefault(shard.tokens.shape[1], []).append(shard)
    if not by_length:
        raise FileNotFoundError(f"no samples in {folder}; run `python -m distill sample` first")
    join = np.concatenate
    return {n: Shard(join([s.tokens for s in group]), join([s.marks for s in group])) for n, group in by_length.items()}


def next_number(folder: str, prefix: str) -> int:
    return len(list(Path(folder).glob(f"{prefix}-*.npz")))
