"""The feature draft: what a training step computes is what a server makes it compute, one token after the other."""
import dataclasses
import tempfile
import unittest

import torch

from ..chains import Chains, attend
from ..checkpoint import save_draft
from ..feature_checkpoint import load_feature_draft, save_feature_draft
from ..feature_draft import FeatureDraft, new_feature_draft
from ..feature_learner import FeatureLearner, dropped
from ..features import feature_layers
from ..learner import MUON, Lesson, Teacher
from ..llama import exact_logits, rope_tables
from ..quantise import quantise_as_built, quantised
from ..rollout import confirmed_lengths
from .tiny import SHAPE, tiny_target

WINDOW = 9


def tiny_draft(layers: int = 2, keeps_alone: bool = True) -> FeatureDraft:
    base = tiny_target(dataclasses.replace(SHAPE, window=WINDOW), seed=1)
    draft = new_feature_draft(base, layers, feature_layers(SHAPE.layers), SHAPE.hidden, keeps_alone, seed=2)
    generator = torch.Generator().manual_seed(3)
    with torch.no_grad():
        for name, parameter in draft.named_parameters():
            if not name.startswith("base."):
                parameter.add_(0.1 * torch.randn(parameter.shape, generator=generator))
    return draft


def features_of(ids: torch.Tensor) -> torch.Tensor:
    tables = rope_tables(SHAPE, ids.shape[1], "cpu")
    return tiny_target().hidden_and_features(ids, tables, None, torch.float32, feature_layers(SHAPE.layers))[1]


def one_by_one(draft: FeatureDraft, ids: torch.Tensor, states: torch.Tensor) -> torch.Tensor:
    """An incremental forward with a cache: token after token, each with its state. ids [length], states [length, hidden] →
    the draft's own states."""
    cos, sin = rope_tables(draft.shape, len(ids), "cpu")
    keys = [[] for _ in draft.layers]
    values = [[] for _ in draft.layers]
    out = []
    for at, token in enumerate(ids):
        x = draft.read(token.view(1, 1), states[at].view(1, 1, -1), torch.float32)
        for i, layer in enumerate(draft.layers):
            q, k, v = layer.queries_keys_values(x, cos[at : at + 1], sin[at : at + 1])
            keys[i].append(k)
            values[i].append(v)
            group = q.shape[1] // k.shape[1]
            seen_k, seen_v = (torch.cat(c[i][-WINDOW:], 2).repeat_interleave(group, 1) for c in (keys, values))
            weights = (q @ seen_k.mT * q.shape[-1] ** -0.5).softmax(-1)
            x = layer.finish(x, (weights @ seen_v).transpose(1, 2).reshape(1, 1, -1))
        out.append(x[0, 0])
    return torch.stack(out)


class Features(unittest.TestCase):
    def test_the_features_are_the_streams_after_three_layers(self):
        self.assertEqual(feature_layers(30), (2, 15, 27))
        self.assertEqual(feature_layers(1), (0, 0, 0))
        ids = torch.randint(0, 64, (2, 11), generator=torch.Generator().manual_seed(0))
        features = features_of(ids).view(2, 11, 3, SHAPE.hidden)
        torch.testing.assert_close(features.square().mean(-1), torch.ones(2, 11, 3), rtol=1e-3, atol=1e-3)
        target = tiny_target()
        tables = rope_tables(SHAPE, 11, "cpu")
        first = target.layers[0](target.embed(ids, torch.float32), *tables, None)
        torch.testing.assert_close(features[:, :, 2], first / first.square().mean(-1, keepdim=True).sqrt(), rtol=1e-3, atol=1e-3)

    @torch.no_grad()
    def test_step_k_of_a_training_is_what_an_incremental_rollout_computes(self):
        draft = tiny_draft()
        learner = FeatureLearner(draft, MUON, torch.float32, self_fed=3)
        ids = torch.randint(0, 64, (2, 26), generator=torch.Generator().manual_seed(0))
        features = features_of(ids)
        features[1, :13] = 0  # the beginning is missing
        together = learner.own_states(ids, features)
        for row in range(2):
            fused = draft.first_states(ids[row : row + 1], features[row : row + 1], torch.float32)[0]
            for start in (0, 1, 4, 9, 14, 22):
                states = list(fused[: start + 1])
                for k in range(4):
                    out = one_by_one(draft, ids[row, : start + k + 1], torch.stack(states))[-1]
                    self.assertLess((together[k][row, start] - out).norm().item(), 1e-3 * out.norm().item())
                    states.append(out)

    @torch.no_grad()
    def test_a_rollout_reads_features_first_and_its_own_states_then(self):
        draft, ids = tiny_draft(), torch.randint(0, 64, (1, 24), generator=torch.Generator().manual_seed(1))
        for at in range(8, 22):  # make some guesses right, along the way that the draft would take
            if at % 5:
                ids[0, at + 1] = self.guess(draft, ids[:, : at + 1])
        features = features_of(ids)
        together = confirmed_lengths(draft, ids, 4, features)[0]
        for start in range(24):
            fused = draft.first_states(ids, features, torch.float32)[0]
            row, states, confirmed = ids[0, : start + 1], list(fused[: start + 1]), 0
            while confirmed < 4 and start + confirmed + 1 < 24:
                own = one_by_one(draft, row, torch.stack(states))[-1]
                token = draft.head_ids[exact_logits(draft.final_norm(own)[None], draft.head)[0].argmax()].long()
                if token != ids[0, start + confirmed + 1]:
                    break
                row, confirmed = torch.cat([row, token.view(1)]), confirmed + 1
                states.append(own)
            self.assertEqual(together[start].item(), confirmed)
        self.assertGreater(together.max().item(), 0)

    def guess(self, draft: FeatureDraft, ids: torch.Tensor) -> int:
        states = Chains(draft, ids.shape[1], 1).step(ids, draft.first_states(ids, features_of(ids), torch.float32), torch.float32)
        return exact_logits(draft.final_norm(states[0, -1:]), draft.head).argmax().item()

    def test_the_gradient_reaches_everything_that_is_trained_and_nothing_else(self):
        draft = tiny_draft()
        base = {name: value.clone() for name, value in draft.base.state_dict().items()}
        learner = FeatureLearner(draft, MUON, torch.float32, self_fed=2)
        teacher = Teacher(tiny_target(), draft.head_ids, torch.float32, draft.target_layers)
        before = {name: value.clone() for name, value in learner.state()["draft"].items()}
        ids = torch.randint(0, 64, (4, 20), generator=torch.Generator().manual_seed(2))
        places = torch.arange(80)
        torch.manual_seed(0)
        sums = learner.learn(teacher.lesson(ids, places, (places % 20 != 19).float()), torch.tensor(0.4), rate=0.01)
        self.assertEqual(sums.shape, (3, 3))
        for name, value in learner.state()["draft"].items():
            self.assertFalse(torch.equal(value, before[name]), name)
        for name, value in draft.base.state_dict().items():
            self.assertTrue(torch.equal(value, base[name]), name)

    def test_without_layers_to_stand_alone_with_embedding_and_head_learn_too(self):
        draft = tiny_draft(keeps_alone=False)
        self.assertTrue(draft.is_whole)
        learner = FeatureLearner(draft, MUON, torch.float32, self_fed=1)
        teacher = Teacher(tiny_target(), draft.head_ids, torch.float32, draft.target_layers)
        ids = torch.randint(0, 64, (4, 20), generator=torch.Generator().manual_seed(2))
        lesson = teacher.lesson(ids, torch.arange(80), (torch.arange(80) % 20 != 19).float())
        before = draft.base.embedding.detach().clone()
        learner.learn(lesson, torch.tensor(0.4), rate=0.01)
        self.assertFalse(torch.equal(draft.base.embedding, before))
        saved = {name: value.clone() for name, value in learner.state()["draft"].items()}
        self.assertIn("base.embedding", saved)
        learner.learn(lesson, torch.tensor(0.4), rate=0.01)
        learner.load_state(learner.state() | {"draft": saved})
        torch.testing.assert_close(draft.base.embedding.detach(), saved["base.embedding"])
        with tempfile.TemporaryDirectory() as folder:
            save_draft(draft.base, f"{folder}/start", 1, 2)
            save_feature_draft(draft, f"{folder}/start", f"{folder}/whole")
            again = load_feature_draft(f"{folder}/whole")
        self.assertTrue(again.is_whole)
        for name, value in draft.named_parameters():
            torch.testing.assert_close(again.get_parameter(name), value, rtol=1e-3, atol=1e-3)
        quantise_as_built(again)
        torch.testing.assert_close(again.base.embedding.detach(), quantised(draft.base.embedding.half().float(), 4))

    @torch.no_grad()
    def test_step_k_is_judged_at_the_place_k_tokens_after_its_chain_began(self):
        draft = tiny_draft()
        learner = FeatureLearner(draft, MUON, torch.float32, self_fed=2)
        ids = torch.randint(0, 64, (2, 12), generator=torch.Generator().manual_seed(0))
        places = torch.tensor([0, 1, 5, 12, 13, 14, 22])
        torch.manual_seed(4)
        lesson = Lesson(ids, places, torch.ones(7), None, None, features_of(ids))
        hidden, weight, shares = learner.guesses(lesson)
        torch.manual_seed(4)
        states = learner.own_states(ids, dropped(lesson.features))
        self.assertEqual(weight.tolist(), [[1] * 7, [0, 1, 1, 0, 1, 1, 1], [0, 0, 1, 0, 0, 1, 1]])
        torch.testing.assert_close(hidden[2, 2], draft.final_norm(states[2][0, 3]))
        torch.testing.assert_close(hidden[1, 5], draft.final_norm(states[1][1, 1]))
        torch.testing.assert_close(shares, torch.tensor([1, 0.8, 0.64]))

    def test_features_are_left_out_of_whole_rows_and_of_beginnings(self):
        torch.manual_seed(0)
        kept = dropped(torch.ones(4_000, 20, 3))[..., 0].sum(1)
        self.assertAlmostEqual((kept == 0).float().mean().item(), 0.06, delta=0.03)
        self.assertAlmostEqual(((kept > 0) & (kept < 20)).float().mean().item(), 0.15, delta=0.03)

    @torch.no_grad()
    def test_attention_over_real_and_own_keys_is_one_softmax(self):
        generator = torch.Generator().manual_seed(0)
        q = torch.randn(1, 2, 6, 8, generator=generator)
        cache = [tuple(torch.randn(2, 1, 1, 6, 8, generator=generator)) for _ in range(3)]
        for u in range(6):
            first = max(0, u + 2 - (4 - 1))
            keys, values = (torch.cat([c[0][i][0, 0, first : u + 1], c[1][i][0, 0, u : u + 1], c[2][i][0, 0, u : u + 1]]) for c, i in ((cache, 0), (cache, 1)))
            plain = (q[0, :, u] @ keys.T * 8**-0.5).softmax(-1) @ values
            torch.testing.assert_close(attend(q, cache, 4)[0, :, u], plain, rtol=1e-4, atol=1e-5)

    def test_a_feature_draft_is_read_as_it_was_written(self):
        with tempfile.TemporaryDirectory() as folder:
            draft = tiny_draft()
            save_draft(draft.base, f"{folder}/alone", 1, 2)
            save_feature_draft(draft, f"{folder}/alone", f"{folder}/both")
            again = load_feature_draft(f"{folder}/both")
            for name, value in draft.named_parameters():
                if not name.startswith("base."):
                    torch.testing.assert_close(again.get_parameter(name), value, rtol=1e-3, atol=1e-3)
            self.assertEqual(again.target_layers, draft.target_layers)


if __name__ == "__main__":
    unittest.main()
