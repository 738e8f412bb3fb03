"""A random target of a few thousand weights and a chat form over its 64 tokens."""
import torch

from ..chat_form import ChatForm
from ..llama import Llama
from ..shape import Shape

SHAPE = Shape(vocab=64, head=64, hidden=32, layers=2, heads=2, kv_heads=1, head_dim=16, mlp=64, context=256, tied=True)
FORM = ChatForm(tokenizer=None, opening=[1, 3], to_answer=[2, 3, 1, 4], to_user=[2, 3, 1, 5])


def tiny_target(shape: Shape = SHAPE, seed: int = 0) -> Llama:
    generator = torch.Generator().manual_seed(seed)
    model = Llama(shape)
    with torch.no_grad():
        for parameter in model.parameters():
            if parameter.dim() == 2:
                parameter.normal_(std=0.3, generator=generator)
    return model
