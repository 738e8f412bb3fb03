"""A feature draft in training. Step 0 reads the target's features everywhere; the steps after it read the draft's own
states, as a server makes it do, and guess the same places (EAGLE-3's training-time test)."""
import torch
from torch import Tensor

from .chains import Chains
from .feature_draft import FeatureDraft
from .learner import Learner, Lesson

STEP_SHARE = 0.8  # what each step counts of the one before
#: Rows of which no feature is given, and rows of which a beginning is not: after prefix-cache hits, say.
NO_FEATURES, NO_BEGINNING = 0.06, 0.15


class FeatureLearner(Learner):
    def __init__(self, draft: FeatureDraft, optimiser: str, dtype: torch.dtype, self_fed: int):
        super().__init__(draft, optimiser, dtype)
        self.steps = 1 + self_fed
        self.chains: dict[int, Chains] = {}

    def guesses(self, lesson: Lesson) -> tuple[Tensor, Tensor, Tensor]:
        ids, places, length = lesson.ids, lesson.places, lesson.ids.shape[1]
        states = self.own_states(ids, dropped(lesson.features))
        hidden = torch.stack([self.draft.final_norm(s.flatten(0, 1)[self.chain(places, k)]) for k, s in enumerate(states)])
        weight = torch.stack([lesson.weight * (places % length >= k) for k in range(self.steps)])
        return hidden, weight, STEP_SHARE ** torch.arange(self.steps, device=ids.device)

    def own_states(self, ids: Tensor, features: Tensor) -> list[Tensor]:
        """For each step k the states [rows, length, hidden] of chains that are fed the row's real tokens; chain u has read
        token u + k. Those beyond the row's end are without meaning."""
        length = ids.shape[1]
        chains = self.chains.setdefault(length, Chains(self.draft, length, self.steps))
        chains.begin()
        states = [chains.step(ids, self.draft.first_states(ids, features, self.dtype), self.dtype)]
        for k in range(1, self.steps):
            ahead = torch.cat([ids[:, k:], ids.new_zeros(len(ids), k)], 1)
            states.append(chains.step(ahead, states[-1], self.dtype))
        chains.begin()
        return states

    def matrices(self) -> list[tuple[Tensor, list[int]]]:
        return super().matrices() + self.draft.matrices()

    def state(self) -> dict:
        given = self._given()
        return super().state() | {"draft": {n: v for n, v in self.draft.state_dict().items() if n not in given}}

    def load_state(self, state: dict) -> None:
        super().load_state(state | {"draft": state["draft"] | self._given()})

    def _given(self) -> dict[str, Tensor]:
        """What no training changes."""
        if self.draft.is_whole:
            return {}
        return {name: value for name, value in self.draft.state_dict().items() if name.startswith("base.")}

    @staticmethod
    def chain(places: Tensor, step: int) -> Tensor:
        """The chain whose step guesses the token after each place."""
        return (places - step).clamp_min(0)


def dropped(features: Tensor) -> Tensor:
    """features [rows, length, width] with zeros for some."""
    rows, length, _ = features.shape
    draw, cut = torch.rand(2, rows, device=features.device)
    none = draw < NO_FEATURES
    beginning = ~none & (draw < NO_FEATURES + NO_BEGINNING)
    missing = torch.where(none, 1.0, torch.where(beginning, cut, 0.0)) * length
    known = torch.arange(length, device=features.device)[None] >= missing[:, None]
    return features * known[..., None]
