"""Judges a draft on held-out answers, family by family: greedy agreement along the target's greedy text, expected
acceptance Σ min(p, q) at temperature 1 along both its text at temperature 1 and its greedy text (which is far easier to
guess), and tokens a round at gamma 1 … 8 by real rollouts."""
from collections import defaultdict

import torch
from torch import Tensor

from .chains import Chains
from .feature_draft import FeatureDraft
from .head import put_first
from .held_out import Answer
from .llama import Llama, exact_logits, rope_tables
from .rollout import confirmed_lengths, rounds

GAMMAS = range(1, 9)
ROWS = 32


@torch.no_grad()
def evaluate(
    draft: Llama | FeatureDraft, target: Llama, answers: list[Answer], without_features: bool = False
) -> dict[str, dict[str, float]]:
    """Both models in float32 on one device; `without_features` judges a FeatureDraft that is sent none. Returns, by family and for "all" (the mean of the families), `greedy`,
    `expected` along text at temperature 1, `on greedy` the same along greedy text, and `gamma1` …: tokens a round."""
    counts: dict[str, dict[str, list[float]]] = defaultdict(lambda: defaultdict(lambda: [0.0, 0.0]))
    head = put_first(target.head, draft.head_ids)
    for batch in _batches(answers):
        ids = _padded(batch).to(draft.head.device)
        hidden, features = _read(target, ids, () if without_features else getattr(draft, "target_layers", ()))
        p = _logits(hidden, head).softmax(-1)[..., : draft.shape.head]
        states = Chains(draft, ids.shape[1], 1).step(ids, draft.first_states(ids, features, torch.float32), torch.float32)
        logits = _logits(draft.final_norm(states), draft.head)
        accepted = torch.minimum(p, logits.softmax(-1)).sum(-1)
        greedy = batch[0].greedy
        confirmed = confirmed_lengths(draft, ids, max(GAMMAS), features) if greedy else None
        for i, answer in enumerate(batch):
            count = counts[answer.family]
            predicts = slice(answer.prompt_length - 1, len(answer.tokens) - 1)
            _add(count["on greedy" if greedy else "expected"], accepted[i, predicts])
            if confirmed is not None:
                said = draft.head_ids[logits[i, predicts].argmax(-1)]
                _add(count["greedy"], said == ids[i, answer.prompt_length : len(answer.tokens)])
                lengths = confirmed[i, predicts].tolist()
                for gamma in GAMMAS:
                    pair = count[f"gamma{gamma}"]
                    pair[0], pair[1] = pair[0] + len(lengths), pair[1] + rounds(lengths, gamma)[0]
    return _means(counts)


def _read(target: Llama, ids: Tensor, layers: tuple[int, ...]) -> tuple[Tensor, Tensor | None]:
    """Features as they are sent, in float16."""
    tables = rope_tables(target.shape, ids.shape[1], ids.device)
    hidden, features = target.hidden_and_features(ids, tables, None, torch.float32, layers)
    return hidden, None if features is None else features.half().float()


def _logits(hidden: Tensor, head: Tensor) -> Tensor:
    return exact_logits(hidden.flatten(0, 1), head).view(*hidden.shape[:2], -1)


def _batches(answers: list[Answer]) -> list[list[Answer]]:
    batches = []
    for greedy in (True, False):
        same = sorted((a for a in answers if a.greedy == greedy), key=lambda a: len(a.tokens))
        batches += [same[i : i + ROWS] for i in range(0, len(same), ROWS)]
    return batches


def _padded(batch: list[Answer]) -> Tensor:
    ids = torch.zeros(len(batch), max(len(a.tokens) for a in batch), dtype=torch.long)
    for row, a in zip(ids, batch):
        row[: len(a.tokens)] = torch.from_numpy(a.tokens)
    return ids


def _add(pair: list[float], values: Tensor) -> None:
    pair[0] += values.float().sum().item()
    pair[1] += len(values)


def _means(counts: dict[str, dict[str, list[float]]]) -> dict[str, dict[str, float]]:
    means = {f: {k: value / count for k, (value, count) in by.items() if count} for f, by in counts.items()}
    measures = [k for k in next(iter(means.values()))]
    means["all"] = {k: sum(by[k] for by in means.values() if k in by) / len(means) for k in measures}
    return means


def table(results: dict[str, dict[str, float]]) -> str:
    """Markdown."""
    measures = ["greedy", "expected", "on greedy", *(f"gamma{gamma}" for gamma in GAMMAS)]
    lines = ["| family | " + " | ".join(measures) + " |", "|---" * (len(measures) + 1) + "|"]
    for family, values in results.items():
        lines.append(f"| {family} | " + " | ".join(f"{values.get(m, float('nan')):.3f}" for m in measures) + " |")
    return "\n".join(lines)
