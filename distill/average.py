"""The mean of several drafts' weights. Runs that began with the same weights and saw the data in different orders lie close
enough together for their mean to be as good as the best or better (model soups, arXiv 2203.05482)."""
import torch

from .checkpoint import hub_folder, save_hub_folder


def average(folders: list[str], out: str) -> None:
    """Raises ValueError if the drafts are not of one shape."""
    configs, tensors = zip(*(hub_folder(folder) for folder in folders))
    for folder, config, of in zip(folders, configs, tensors):
        if config != configs[0] or {n: t.shape for n, t in of.items()} != {n: t.shape for n, t in tensors[0].items()}:
            raise ValueError(f"{folder} and {folders[0]} are drafts of different shapes")
    mean = lambda name: torch.stack([of[name].float() for of in tensors]).mean(0)  # noqa: E731
    same = tensors[0]
    save_hub_folder(out, configs[0], {name: mean(name) if t.is_floating_point() else t for name, t in same.items()})
