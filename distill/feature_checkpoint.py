"""Reads and writes feature drafts. One hub folder holds the stand-alone draft, as before, and beside it the tensors
`feature.*` and, in config.json, `feature_draft`. Where nothing stands alone, `num_hidden_layers` is 0."""
import json
from pathlib import Path

import torch
from torch import Tensor

from .checkpoint import draft_tensors, fill_layer, hub_folder, layer_tensors, load_model, save_hub_folder
from .feature_draft import FeatureDraft

#: Parameter of a FeatureDraft → its tensor.
OUTER = {
    "fusion": "feature.fusion.weight", "embedding_norm": "feature.embedding_norm.weight",
    "state_norm": "feature.state_norm.weight", "input": "feature.input.weight", "norm": "feature.norm.weight",
}  # fmt: skip


def has_feature_draft(folder: str) -> bool:
    config = Path(folder) / "config.json"
    return config.exists() and "feature_draft" in json.loads(config.read_text())


def load_feature_draft(folder: str) -> FeatureDraft:
    """Float32 on the CPU; embedding and head already have the values of the built model."""
    config, tensors = hub_folder(folder)
    about = config["feature_draft"]
    base = load_model(folder)
    draft = FeatureDraft(base, about["num_hidden_layers"], about["target_layers"], about["target_hidden_size"])
    with torch.no_grad():
        for ours, theirs in OUTER.items():
            getattr(draft, ours).copy_(tensors[theirs])
        for i, layer in enumerate(draft.layers):
            fill_layer(layer, tensors, f"feature.layers.{i}")
    draft.round_base()
    return draft


def feature_tensors(draft: FeatureDraft) -> dict[str, Tensor]:
    tensors = {theirs: getattr(draft, ours) for ours, theirs in OUTER.items()}
    for i, layer in enumerate(draft.layers):
        tensors |= layer_tensors(layer, f"feature.layers.{i}")
    return tensors


def save_feature_draft(draft: FeatureDraft, base_folder: str, folder: str) -> None:
    """The stand-alone draft of `base_folder` as it is there, with this one beside it; of a whole draft that one's embedding
    and head are this one's."""
    config, tensors = hub_folder(base_folder)
    about = {
        "num_hidden_layers": draft.shape.layers, "target_layers": list(draft.target_layers),
        "target_hidden_size": draft.target_hidden,
    }  # fmt: skip
    alone = {name: tensor for name, tensor in tensors.items() if not name.startswith("feature.")}
    if draft.is_whole:
        config, alone = config | {"num_hidden_layers": 0}, draft_tensors(draft.base)
    save_hub_folder(folder, config | {"feature_draft": about}, alone | feature_tensors(draft))
