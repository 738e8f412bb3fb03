"""Features: what a target can tell its draft beside the tokens. A row holds three of its residual streams at a position,
from low, middle and high in the model (EAGLE-3, arXiv 2503.01840), each scaled to root mean square 1."""
import torch.nn.functional as F
from torch import Tensor

EPSILON = 1e-5


def feature_layers(layers: int) -> tuple[int, int, int]:
    """The layers of a target (from 0) after which its residual stream is taken."""
    return min(2, layers - 1), layers // 2, max(layers - 3, 0)


def normalised(stream: Tensor) -> Tensor:
    return F.rms_norm(stream, (stream.shape[-1],), None, EPSILON)
