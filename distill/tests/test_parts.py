"""Each part against a plainer way to compute the same."""
import dataclasses
import unittest

import torch

from ..generator import Generator
from ..llama import exact_logits, rope_tables, window_mask
from ..loss import DistillationLoss
from ..muon import orthogonalised
from ..prompts import ANSWER, USER, Prompt
from ..quantise import quantised
from ..rollout import confirmed_lengths, rounds
from .tiny import FORM, SHAPE, tiny_target


def logits_of(model, ids):
    length = ids.shape[1]
    tables, mask = rope_tables(model.shape, length, "cpu"), window_mask(model.shape, length, "cpu")
    return exact_logits(model.hidden_states(ids, tables, mask, torch.float32)[0], model.head)


class Parts(unittest.TestCase):
    @torch.no_grad()
    def test_a_greedy_row_is_what_full_forwards_give_between_the_pieces_of_the_template(self):
        for window in (None, 12):
            model = tiny_target(dataclasses.replace(SHAPE, window=window))
            prompts = [Prompt("chat", [1, 3, 9, 2, 3, 1, 4], ANSWER), Prompt("chat", [1, 3, 7, 8, 9, 2, 3, 1, 4], ANSWER)]
            shard = Generator(model, FORM, rows=2, length=40).run(prompts, torch.zeros(2))
            for prompt, row, marks in zip(prompts, shard.tokens, shard.marks):
                self.assertEqual(row[: len(prompt.ids)].tolist(), prompt.ids)
                said = logits_of(model, torch.from_numpy(row.astype("int64"))[None]).argmax(-1)
                for at in range(len(prompt.ids), 40):
                    if marks[at] == 1:
                        self.assertEqual(row[at], said[at - 1])

    def test_turns_alternate_with_the_templates_pieces_between_them(self):
        model = tiny_target()
        shard = Generator(model, FORM, rows=64, length=120).run([Prompt("opened", [1, 3], USER)] * 64, torch.ones(64))
        for row, marks in zip(shard.tokens.tolist(), shard.marks.tolist()):
            turn = 2
            for at in range(2, 116):
                if marks[at] and row[at] == FORM.end_of_turn:
                    piece = FORM.to_answer if turn == 2 else FORM.to_user
                    self.assertEqual(row[at : at + 4], piece)
                    self.assertEqual(marks[at : at + 4], [turn, 0, 0, 0])
                    turn = 3 - turn

    def test_the_loss_has_the_gradient_that_autograd_finds(self):
        torch.manual_seed(0)
        hidden, head = torch.randn(7, 8, dtype=torch.double), torch.randn(20, 8, dtype=torch.double)
        target_hidden, target_head = torch.randn(7, 9, dtype=torch.double), torch.randn(30, 9, dtype=torch.double)
        weight = torch.tensor([1, 1, 0, 1, 1, 1, 0.0])
        share = torch.tensor(0.4)
        ours = [hidden.clone().requires_grad_(), head.clone().requires_grad_()]
        sums = DistillationLoss.apply(ours[0][None], ours[1], target_hidden, target_head, weight[None], share)[0]
        sums[0].backward()
        plain = [hidden.clone().requires_grad_(), head.clone().requires_grad_()]
        log_q = (plain[0] @ plain[1].T).log_softmax(-1)
        log_p = (target_hidden @ target_head.T).log_softmax(-1)[:, :20]
        kl, accepted = (log_p.exp() * (log_p - log_q)).sum(-1), torch.minimum(log_p.exp(), log_q.exp()).sum(-1)
        loss = ((0.6 * kl + 0.4 * 3 * (1 - accepted)) * weight).sum() / weight.sum()
        loss.backward()
        self.assertAlmostEqual(sums[0].item(), loss.item(), places=4)
        for a, b in zip(ours, plain):
            torch.testing.assert_close(a.grad, b.grad, rtol=1e-3, atol=1e-5)

    @torch.no_grad()
    def test_rollouts_of_all_positions_at_once_equal_rollouts_one_by_one(self):
        target = tiny_target()
        draft = tiny_target(dataclasses.replace(SHAPE, window=9), seed=1)
        draft.embedding.copy_(target.embedding)
        ids = torch.randint(0, 64, (1, 30), generator=torch.Generator().manual_seed(0))
        for at in range(10, 29):  # make some guesses right
            if at % 5:
                ids[0, at + 1] = logits_of(draft, ids[:, : at + 1])[-1].argmax()
        together = confirmed_lengths(draft, ids, 6)[0]
        for start in range(30):
            row, confirmed = ids[:, : start + 1], 0
            while confirmed < 6 and start + confirmed + 1 < 30:
                token = logits_of(draft, row)[-1].argmax().view(1, 1)
                if token.item() != ids[0, start + confirmed + 1].item():
                    break
                row, confirmed = torch.cat([row, token], 1), confirmed + 1
            self.assertEqual(together[start].item(), confirmed)
        self.assertGreater(together.max().item(), 3)

    def test_rounds_count_one_token_of_the_targets_own_each(self):
        self.assertEqual(rounds([0, 0, 0], 4), (3, 3 + 2 + 1, 0))
        self.assertEqual(rounds([4, 3, 2, 1, 0], 4), (1, 4, 4))
        self.assertEqual(rounds([1, 0, 2, 1, 0], 2), (2, 4, 3))

    def test_quantisation_maps_the_extreme_of_a_block_as_the_builder_does(self):
        block = torch.linspace(-1, 0.9, 32)
        four, eight = quantised(block, 4), quantised(block, 8)
        self.assertEqual(four[0].item(), -1)
        self.assertAlmostEqual(four[-1].item(), 0.875, places=6)  # the largest of 16 values is 7/8 of the extreme
        self.assertLess((eight - block).abs().max().item(), 1 / 254 + 1e-6)
        self.assertEqual(quantised(-block, 4)[0].item(), 1)

    def test_a_muon_update_has_singular_values_near_one(self):
        values = torch.linalg.svdvals(orthogonalised(torch.randn(3, 40, 16, generator=torch.Generator().manual_seed(0))))
        self.assertGreater(values.min().item(), 0.5)
        self.assertLess(values.max().item(), 1.4)


if __name__ == "__main__":
    unittest.main()
