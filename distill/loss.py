"""What a draft learns from: the target's whole distribution. Forward KL teaches fast; total variation is what rejection
sampling loses (expected acceptance is 1 − TV: Leviathan et al., arXiv 2211.17192; as a training loss: DistillSpec, arXiv
2310.08461). Both gradients have closed forms, so they are computed in the forward pass and no [tokens, head] tensor is kept."""
import torch
from torch import Tensor

from .llama import exact_logits

CHUNK = 8_192  # tokens whose logits are in memory at once
TV_SCALE = 3.0  # brings the gradients of both losses to about the same size


class DistillationLoss(torch.autograd.Function):
    """Weighted means over n places for each of the draft's steps, [steps, 3]: loss, expected acceptance, greedy agreement.
    Only the loss has a gradient. All steps guess the same tokens, so they share one pass over the target's head.

    hidden [steps, n, draft width], head [rows, draft width]; target_hidden [n, target width], target_head [vocabulary,
    target width] with the draft's tokens in its first rows, in the order of the draft's head; weight [steps, n]; tv_share
    in 0…1."""

    @staticmethod
    def forward(ctx, hidden, head, target_hidden, target_head, weight, tv_share):
        head_values, train_head = head.to(hidden.dtype), ctx.needs_input_grad[1]
        weight = weight / weight.sum(1, keepdim=True).clamp_min(1)
        grad_hidden = torch.empty_like(hidden)
        grad_head = torch.zeros(len(hidden), *head.shape, dtype=torch.float32, device=head.device) if train_head else None
        sums = torch.zeros(len(hidden), 3, device=hidden.device)
        for start in range(0, hidden.shape[1], CHUNK):
            part = slice(start, start + CHUNK)
            log_p, best = target_rows(exact_logits(target_hidden[part], target_head), len(head))
            for step, rows in enumerate(hidden):
                logits = exact_logits(rows[part], head_values)
                gradient, values = rows_loss(logits, log_p, best, weight[step, part], tv_share)
                gradient = gradient.to(hidden.dtype)
                grad_hidden[step, part] = gradient @ head_values
                if train_head:
                    grad_head[step] += gradient.t() @ rows[part]
                sums[step] += values
        ctx.save_for_backward(grad_hidden, grad_head)
        return sums

    @staticmethod
    def backward(ctx, grad_sums):
        grad_hidden, grad_head = ctx.saved_tensors
        scale = grad_sums[:, :1, None]
        head = None if grad_head is None else (grad_head * scale).sum(0)
        return grad_hidden * scale.to(grad_hidden.dtype), head, None, None, None, None


def target_rows(logits: Tensor, head_rows: int) -> tuple[Tensor, Tensor]:
    """logits [n, vocabulary] → log-probabilities [n, head_rows] of the draft's tokens, and the first choices [n]."""
    return logits[:, :head_rows] - torch.logsumexp(logits, -1, keepdim=True), logits.argmax(-1)


def rows_loss(logits: Tensor, log_p: Tensor, best: Tensor, weight: Tensor, tv_share: Tensor) -> tuple[Tensor, Tensor]:
    """logits and log_p [n, rows], best [n] → gradient [n, rows] of the weighted loss, and the three sums.

    The loss of a row is (1 − s)·KL + s·SCALE·TV. KL leaves out the tokens that the draft cannot say."""
    log_q = torch.log_softmax(logits, -1)
    p, q = log_p.exp(), log_q.exp()
    below = (q < p).float()
    kl = (p * (log_p - log_q)).sum(-1)
    accepted = torch.minimum(p, q).sum(-1)
    kl_gradient = q * p.sum(-1, keepdim=True) - p
    tv_gradient = -q * (below - (q * below).sum(-1, keepdim=True))
    scaled = tv_share * TV_SCALE
    gradient = weight[:, None] * ((1 - tv_share) * kl_gradient + scaled * tv_gradient)
    loss = (1 - tv_share) * kl + scaled * (1 - accepted)
    agreed = (logits.argmax(-1) == best).float()
    return gradient, torch.stack([(weight * value).sum() for value in (loss, accepted, agreed)])
