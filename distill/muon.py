"""Muon (Jordan et al., kellerjordan.github.io/posts/muon): momentum whose update is made orthogonal by a Newton–Schulz
iteration, for the matrices inside layers. Updates are scaled to AdamW's usual size (Moonlight, arXiv 2502.16982), so both
share one learning rate. Matrices stacked in one parameter (q, k, v; gate, up) are treated one by one."""
import torch
from torch import Tensor

COEFFICIENTS = (3.4445, -4.7750, 2.0315)


def orthogonalised(matrices: Tensor, steps: int = 5) -> Tensor:
    """[n, rows, columns] → singular values near 1."""
    a, b, c = COEFFICIENTS
    x = matrices.bfloat16() if matrices.is_cuda else matrices
    tall = x.shape[1] > x.shape[2]
    x = x.mT if tall else x
    x = x / (x.norm(dim=(1, 2), keepdim=True) + 1e-7)
    for _ in range(steps):
        gram = x @ x.mT
        x = a * x + (b * gram + c * gram @ gram) @ x
    return (x.mT if tall else x).to(matrices.dtype)


class Muon(torch.optim.Optimizer):
    """`parameters` are pairs of a parameter and the rows of each matrix that is stacked in it."""

    def __init__(self, parameters: list[tuple[Tensor, list[int]]], lr: float, momentum: float = 0.95, weight_decay: float = 0.01):
        self.rows = {parameter: rows for parameter, rows in parameters}
        super().__init__([p for p, _ in parameters], dict(lr=lr, momentum=momentum, weight_decay=weight_decay))

    @torch.no_grad()
    def step(self):
        for group in self.param_groups:
            pieces: dict[torch.Size, list[tuple[Tensor, Tensor]]] = {}
            for parameter in group["params"]:
                state = self.state[parameter]
                momentum = state.setdefault("momentum", torch.zeros_like(parameter))
                momentum.lerp_(parameter.grad, 1 - group["momentum"])
                ahead = parameter.grad.lerp(momentum, group["momentum"])  # Nesterov
                parameter.mul_(1 - group["lr"] * group["weight_decay"])
                for values, update in zip(parameter.split(self.rows[parameter]), ahead.split(self.rows[parameter])):
                    pieces.setdefault(values.shape, []).append((values, update))
            for shape, same_shape in pieces.items():
                updates = orthogonalised(torch.stack([update for _, update in same_shape]))
                for (values, _), update in zip(same_shape, updates):
                    values.add_(update, alpha=-group["lr"] * 0.2 * max(shape) ** 0.5)
