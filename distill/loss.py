"""What a draft learns from: the target's whole distribution. Forward KL teaches fast; total variation is what rejection
sampling loses (expected acceptance is 1 − TV: Leviathan et al., arXiv 2211.17192; as a training loss: DistillSpec, arXiv
2310.08461). Both gradients have closed forms, so they are computed in the forward pass and no [tokens, head] tensor is kept."""
import torch
from torch import Tensor

from .llama import exact_logits

CHUNK = 8_192  # tokens whose logits are in memory at once
TV_SCALE = 3.0  # brings the gradients of both losses to about the same size


class DistillationLoss(torch.autograd.Function):
    """Weighted means over n positions, [loss, expected acceptance, greedy agreement]; only the loss has a gradient.

    hidden [n, draft width], head [rows, draft width]; target_hidden [n, target width], target_head [vocabulary, target
    width] with the draft's tokens in its first rows, in the order of the draft's head; weight [n]; tv_share in 0…1."""

    @staticmethod
    def forward(ctx, hidden, head, target_hidden, target_head, weight, tv_share):
        head_values = head.to(hidden.dtype)
        weight = weight / weight.sum().clamp_min(1)
        grad_hidden, grad_head = torch.empty_like(hidden), torch.zeros_like(head, dtype=torch.float32)
        sums = torch.zeros(3, device=hidden.device)
        for start in range(0, len(hidden), CHUNK):
            part = slice(start, start + CHUNK)
            logits = exact_logits(hidden[part], head_values)
            target_logits = exact_logits(target_hidden[part], target_head)
            gradient, values = rows_loss(logits, target_logits, weight[part], tv_share)
            gradient = gradient.to(hidden.dtype)
            grad_hidden[part] = gradient @ head_values
            grad_head += gradient.t() @ hidden[part]
            sums += values
        ctx.save_for_backward(grad_hidden, grad_head)
        return sums

    @staticmethod
    def backward(ctx, grad_sums):
        grad_hidden, grad_head = ctx.saved_tensors
        return grad_hidden * grad_sums[0].to(grad_hidden.dtype), grad_head * grad_sums[0], None, None, None, None


def rows_loss(logits: Tensor, target_logits: Tensor, weight: Tensor, tv_share: Tensor) -> tuple[Tensor, Tensor]:
    """logits [n, rows], target_logits [n, vocabulary] → gradient [n, rows] of the weighted loss, and the three sums.

    The loss of a row is (1 − s)·KL + s·SCALE·TV. KL leaves out the tokens that the draft cannot say."""
    log_q = torch.log_softmax(logits, -1)
    log_total = torch.logsumexp(target_logits, -1, keepdim=True)
    log_p = target_logits[:, : logits.shape[1]] - log_total
    p, q = log_p.exp(), log_q.exp()
    below = (q < p).float()
    kl = (p * (log_p - log_q)).sum(-1)
    accepted = torch.minimum(p, q).sum(-1)
    kl_gradient = q * p.sum(-1, keepdim=True) - p
    tv_gradient = -q * (below - (q * below).sum(-1, keepdim=True))
    scaled = tv_share * TV_SCALE
    gradient = weight[:, None] * ((1 - tv_share) * kl_gradient + scaled * tv_gradient)
    loss = (1 - tv_share) * kl + scaled * (1 - accepted)
    agreed = (logits.argmax(-1) == target_logits.argmax(-1)).float()
    return gradient, torch.stack([(weight * value).sum() for value in (loss, accepted, agreed)])


