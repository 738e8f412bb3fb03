"""Trains one or more drafts on sampled rows against one pass of the target. The length of the training is a number of
tokens; a run does as much of it as its time allows, and the next one goes on from the checkpoint."""
import time
from dataclasses import dataclass
from pathlib import Path

import torch
import torch._inductor.config

from . import chains, loss
from .batches import Batches
from .checkpoint import save_draft
from .feature_checkpoint import save_feature_draft
from .feature_draft import FeatureDraft
from .learner import Learner, Teacher

WARM_UP_STEPS = 100
REPORT_EVERY_S, SAVE_EVERY_S = 20.0, 120.0


@dataclass(frozen=True)
class Plan:
    """How far and how fast; fractions are of the whole training."""

    total_tokens: float
    learning_rate: float
    tv_first: float  # the share of total variation in the loss at the beginning …
    tv_last: float  # … and from TV_FULL_AT on

    TV_FULL_AT = 0.6

    def rate(self, done: float, step: int) -> float:
        """Warm-up, then straight down to zero."""
        return self.learning_rate * min(1.0, (step + 1) / WARM_UP_STEPS) * max(0.0, 1 - done)

    def tv_share(self, done: float) -> float:
        return self.tv_first + (self.tv_last - self.tv_first) * min(1.0, done / self.TV_FULL_AT)


class Training:
    def __init__(self, teacher: Teacher, learners: dict[str, Learner], batches: Batches, plan: Plan, out: str):
        self.teacher, self.learners, self.batches, self.plan, self.out = teacher, learners, batches, plan, Path(out)
        self.step, self.tokens = 0, 0
        if self.checkpoint.exists():
            self._resume()

    @property
    def checkpoint(self) -> Path:
        return self.out / "checkpoint.pt"

    def run(self, seconds: float) -> bool:
        """Trains until the plan is done (returns true) or the time is over, and saves."""
        started = saved = reported = time.monotonic()
        at_start = at_report = self.tokens
        while self.tokens < self.plan.total_tokens and time.monotonic() - started < seconds:
            sums = self._one_step()
            now = time.monotonic()
            if now - reported > REPORT_EVERY_S or self.tokens >= self.plan.total_tokens:
                print(self._progress(sums, (self.tokens - at_report) / (now - reported)), flush=True)
                reported, at_report = now, self.tokens
            if now - saved > SAVE_EVERY_S:
                self.save()
                saved = now
        self.save()
        print(f"{(self.tokens - at_start) / 1e6:.1f} M tokens in {time.monotonic() - started:.0f} s", flush=True)
        return self.tokens >= self.plan.total_tokens

    def _progress(self, sums: dict[str, torch.Tensor], tokens_per_second: float) -> str:
        """Acceptance and agreement of each step that a draft takes: one, unless it is fed its own states."""
        listed = lambda values: " ".join(f"{value:.3f}" for value in values.tolist())  # noqa: E731
        values = [f"{n}: loss {v[0, 0]:.3f}, acceptance {listed(v[:, 1])}, agreement {listed(v[:, 2])}" for n, v in sums.items()]
        return f"step {self.step}, {self.tokens / 1e6:.1f} M tokens, {tokens_per_second / 1e3:.0f} k/s; {'; '.join(values)}"

    def _one_step(self) -> dict[str, torch.Tensor]:
        done = self.tokens / self.plan.total_tokens
        lesson = self.teacher.lesson(*self.batches.next(self.step))
        tv_share = torch.tensor(self.plan.tv_share(done), device=lesson.ids.device)
        rate = self.plan.rate(done, self.step)
        sums = {name: learner.learn(lesson, tv_share, rate) for name, learner in self.learners.items()}
        self.step, self.tokens = self.step + 1, self.tokens + lesson.ids.numel()
        return sums

    def save(self) -> None:
        self.out.mkdir(parents=True, exist_ok=True)
        states = {name: learner.state() for name, learner in self.learners.items()}
        unfinished = self.checkpoint.with_suffix(".part")
        torch.save({"step": self.step, "tokens": self.tokens, "cursors": self.batches.cursors, "learners": states}, unfinished)
        unfinished.rename(self.checkpoint)

    def export(self, begun_with: str, bos: int | None, eos: int | list[int] | None) -> None:
        """A folder for each learner; `begun_with` is the folder of the draft that the training began with."""
        for name, learner in self.learners.items():
            if isinstance(learner.draft, FeatureDraft):
                save_feature_draft(learner.draft, begun_with, str(self.out / name))
            else:
                save_draft(learner.draft, str(self.out / name), bos, eos)

    def _resume(self) -> None:
        saved = torch.load(self.checkpoint, map_location="cpu", weights_only=True)
        self.step, self.tokens = saved["step"], saved["tokens"]
        self.batches.cursors |= saved["cursors"]
        for name, learner in self.learners.items():
            learner.load_state(saved["learners"][name])
        print(f"going on at step {self.step}, {self.tokens / 1e6:.0f} M tokens", flush=True)


def compile_for_gpu(teacher: Teacher, learners: dict[str, Learner]) -> None:
    """One compilation of a function serves all layers, since they differ only in their weights."""
    # Triton fails to compile the softmax of chains.attend as one persistent reduction ("PassManager::run failed").
    torch._inductor.config.triton.persistent_reductions = False
    compiled = lambda function: torch.compile(function, dynamic=False)  # noqa: E731
    loss.rows_loss, loss.target_rows = compiled(loss.rows_loss), compiled(loss.target_rows)
    chains.read, chains.layer_step = compiled(chains.read), compiled(chains.layer_step)
    teacher.target.compile_layers()
    for learner in learners.values():
        if not isinstance(learner.draft, FeatureDraft):
            learner.draft.compile_layers()
