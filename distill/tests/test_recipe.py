"""The whole recipe on the CPU with a random target of a few thousand weights: every step as the README calls it."""
import json
import tempfile
import unittest
from pathlib import Path

import torch
from safetensors.torch import load_file
from tokenizers import Tokenizer, models, pre_tokenizers

from ..__main__ import main
from ..checkpoint import load_model, save_draft
from ..held_out import load_answers
from ..shards import load_shards
from .tiny import SHAPE, tiny_target

TEMPLATE = "{% for m in messages %}<s>{{ m.role }} {{ m.content }}<e>{% endfor %}{% if add_generation_prompt %}<s>assistant {% endif %}"
WORDS = ["<|endoftext|>", "<s>", "<e>", "user", "assistant", "?", ".", ",", "the", "of", "a", "is", "in", "What", "Write", "[unk]"]


class Recipe(unittest.TestCase):
    def setUp(self):
        self.folder = Path(self.enterContext(tempfile.TemporaryDirectory()))
        torch.manual_seed(0)
        save_draft(tiny_target(), str(self.folder / "target"), 1, 2)
        vocabulary = {word: i for i, word in enumerate(WORDS)} | {f"w{i}": i for i in range(len(WORDS), SHAPE.vocab)}
        tokenizer = Tokenizer(models.WordLevel(vocabulary, unk_token="[unk]"))
        tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
        tokenizer.add_special_tokens(["<s>", "<e>", "<|endoftext|>"])
        tokenizer.save(str(self.folder / "target" / "tokenizer.json"))
        (self.folder / "target" / "chat_template.jinja").write_text(TEMPLATE)

    def step(self, name: str, **options) -> None:
        arguments = [name] if name == "average" else [name, "--target", str(self.folder / "target")]
        if name in ("sample", "start", "held-out"):
            arguments += ["--tokenizer", str(self.folder / "target")]
        for option, value in options.items():
            values = value if isinstance(value, list) else [value]
            arguments += [f"--{option.replace('_', '-')}", *(str(self.folder / v) if "/" in str(v) else str(v) for v in values)]
        main(arguments)

    def test_every_step_goes_on_where_it_stopped_and_the_draft_gets_better(self):
        for _ in range(2):  # the second run adds to the first
            self.step("sample", out="./samples", seconds=0, rows=48, length=96)
        self.assertEqual(load_shards(str(self.folder / "samples"))[96].tokens.shape, (96, 96))
        self.step("start", samples="./samples", out="./start", layers=1, hidden=32, heads=2, mlp=64, head=48, window=40)
        training = dict(draft="./start", samples="./samples", out="./run", total_tokens=2e5, batch_tokens=2_000, learning_rate=1e-2)
        self.step("train", seconds=0.3, **training)
        self.step("train", seconds=600, **training)
        saved = torch.load(self.folder / "run" / "checkpoint.pt", weights_only=True)
        self.assertGreaterEqual(saved["tokens"], 2e5)
        self.step("held-out", out="./held.npz", per_family=1)
        self.assertTrue(load_answers(str(self.folder / "held.npz")))
        self.step("evaluate", answers="./held.npz", draft=["./start", "./run/muon"], out="./result.json")
        before, after = json.loads((self.folder / "result.json").read_text()).values()
        self.assertGreater(after["all"]["expected"], before["all"]["expected"] + 0.02)
        self.assertGreaterEqual(after["all"]["gamma8"], after["all"]["gamma1"])

    def test_a_draft_learns_to_read_features_beside_the_stand_alone_draft(self):
        self.step("sample", out="./samples", seconds=0, rows=48, length=96)
        self.step("start", samples="./samples", out="./alone", layers=1, hidden=32, heads=2, mlp=64, head=48, window=40)
        self.step("start", features=1, draft="./alone", out="./start")
        training = dict(draft="./start", samples="./samples", out="./run", batch_tokens=1_000, learning_rate=2e-2, self_fed=2)
        self.step("train", seconds=0.3, total_tokens=2e5, **training)
        self.step("train", seconds=600, total_tokens=2e5, **training)
        self.step("held-out", out="./held.npz", per_family=1)
        self.step("evaluate", answers="./held.npz", draft=["./start", "./run/muon"], out="./result.json")
        results = [values["all"] for values in json.loads((self.folder / "result.json").read_text()).values()]
        alone, before, _, alone_after, after, after_without = results
        self.assertEqual(alone, alone_after)
        self.assertGreater(after["expected"], before["expected"] + 0.005)
        self.assertGreater(after["expected"], after_without["expected"])
        first, second = (load_file(self.folder / name / "model.safetensors") for name in ("start", "run/muon"))
        self.assertEqual(first.keys(), second.keys())
        for name, tensor in first.items():
            self.assertEqual(torch.equal(second[name], tensor), not name.startswith("feature."), name)
        self.step("average", draft=["./start", "./run/muon"], out="./mean")
        mean = load_file(self.folder / "mean" / "model.safetensors")
        for name, tensor in mean.items():
            torch.testing.assert_close(tensor, ((first[name].float() + second[name].float()) / 2).to(tensor.dtype), rtol=1e-3, atol=1e-3)

    def test_a_draft_is_written_as_it_is_read(self):
        self.step("sample", out="./samples", seconds=0, rows=4, length=96)
        self.step("start", samples="./samples", out="./start", layers=1, hidden=32, heads=2, mlp=64, head=48, window=40)
        draft = load_model(str(self.folder / "start"))
        save_draft(draft, str(self.folder / "again"), 1, 2)
        first, second = (load_file(self.folder / name / "model.safetensors") for name in ("start", "again"))
        self.assertEqual(first.keys(), second.keys())
        for name, tensor in first.items():
            torch.testing.assert_close(second[name], tensor, rtol=0, atol=0)
        self.assertIn("model.layers.0.self_attn.k_proj.weight", first)

    def test_rows_from_a_deployments_traffic_begin_with_its_prompts(self):
        records = [
            {"messages": [{"role": "user", "content": "What is w20 ?"}], "answer": "", "temperature": 0, "rounds": [[4, 1]]},
            {"text": "the w30 of", "answer": "", "temperature": 0, "rounds": []},
        ]
        (self.folder / "log.jsonl").write_text("".join(json.dumps(record) + "\n" for record in records))
        self.step("sample", out="./samples", seconds=0, rows=16, length=64, traffic="./log.jsonl")
        shard = load_shards(str(self.folder / "samples"))[64]
        beginnings = {tuple(row[marks.cumsum() == 0].tolist()) for row, marks in zip(shard.tokens, shard.marks)}
        self.assertEqual(beginnings, {(1, 3, 13, 11, 20, 5, 2, 1, 4), (8, 30, 9)})
        (self.folder / "log.jsonl").write_text("{}\n")
        with self.assertRaisesRegex(ValueError, "line 1: not a record"):
            self.step("sample", out="./samples", seconds=0, rows=16, length=64, traffic="./log.jsonl")

    def test_an_on_policy_round_lets_the_draft_write(self):
        self.step("sample", out="./samples", seconds=0, rows=8, length=96)
        self.step("start", samples="./samples", out="./start", layers=1, hidden=32, heads=2, mlp=64, head=20, window=40)
        self.step("sample", out="./samples", prefix="own", writer="./start", seconds=0, rows=8, length=96)
        written = load_shards(str(self.folder / "samples"), "own-*.npz")[96]
        allowed = set(load_model(str(self.folder / "start")).head_ids.tolist())
        self.assertLessEqual(set(written.tokens[written.marks > 0].tolist()), allowed)


if __name__ == "__main__":
    unittest.main()
