"""The held-out set: prompts of kinds and words that no training prompt has, with the target's own answers to them, both
greedy and sampled at temperature 1."""
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from .chat_form import ChatForm
from .generator import Generator
from .llama import Llama
from .prompts import ANSWER, FAMILIES, Prompt, PromptWriter
from .shards import ANSWERED

LENGTH, LONG, ANSWER_TOKENS = 448, 1_408, 128


@dataclass(frozen=True)
class Answer:
    family: str
    greedy: bool
    tokens: np.ndarray  # prompt and answer
    prompt_length: int


def held_out_prompts(form: ChatForm, per_family: int) -> list[Prompt]:
    writer = PromptWriter(form, "held_out", seed=1)
    prompts: list[Prompt] = []
    for family in FAMILIES:
        unique: dict[tuple[int, ...], Prompt] = {}
        for _ in range(per_family * 50):
            prompt = writer.of(family)
            if len(unique) < per_family and len(prompt.ids) < LENGTH - ANSWER_TOKENS:
                unique.setdefault(tuple(prompt.ids), prompt)
        prompts += unique.values()
    return prompts


def long_prompts(form: ChatForm, count: int) -> list[Prompt]:
    """Questions about documents of 700 to 1,200 tokens; family "long"."""
    writer = PromptWriter(form, "held_out", seed=2)
    short, r = writer.passages, writer.random
    prompts: list[Prompt] = []
    while len(prompts) < count:
        parts = [r.choice(short) if r.random() < 0.4 else writer.fill("{facts} {facts}") for _ in range(r.randint(10, 20))]
        writer.passages = ["\n\n".join(parts)]
        prompt = writer.of("summarise")
        if 700 < len(prompt.ids) < LONG - ANSWER_TOKENS:
            prompts.append(Prompt("long", prompt.ids, prompt.turn))
    return prompts


def given_prompts(form: ChatForm, families: dict[str, list[str]]) -> list[Prompt]:
    """Chat prompts from outside, by family: for judging only."""
    ids = lambda text: form.opening + form.encode(text) + form.to_answer  # noqa: E731
    return [Prompt(family, ids(text), ANSWER) for family, texts in families.items() for text in texts]


def answer(target: Llama, form: ChatForm, prompts: list[Prompt], length: int = LENGTH) -> list[Answer]:
    """Every prompt is answered twice, greedily and at temperature 1."""
    both = prompts + prompts
    temperatures = torch.tensor([0.0] * len(prompts) + [1.0] * len(prompts))
    torch.manual_seed(0)
    shard = Generator(target, form, len(both), length).run(both, temperatures)
    ends = [form.end_of_turn, form.tokenizer.token_to_id("<|endoftext|>")]
    answers = []
    for i, (prompt, tokens, marks) in enumerate(zip(both, shard.tokens, shard.marks)):
        start = len(prompt.ids)
        stop = min(start + ANSWER_TOKENS, length)
        ended = np.flatnonzero(np.isin(tokens[start:stop], ends) | (marks[start:stop] != ANSWERED))
        stop = start + int(ended[0]) + 1 if len(ended) else stop
        answers.append(Answer(prompt.family, i < len(prompts), tokens[:stop].astype(np.int64), start))
    return answers


def save_answers(answers: list[Answer], path: str) -> None:
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    rows = np.zeros((len(answers), max(len(a.tokens) for a in answers)), np.uint32)
    for row, a in zip(rows, answers):
        row[: len(a.tokens)] = a.tokens
    np.savez_compressed(
        path, rows=rows, lengths=[len(a.tokens) for a in answers], prompt_lengths=[a.prompt_length for a in answers],
        families=[a.family for a in answers], greedy=[a.greedy for a in answers],
    )  # fmt: skip


def load_answers(path: str) -> list[Answer]:
    with np.load(path) as f:
        parts = zip(f["families"], f["greedy"], f["rows"], f["lengths"], f["prompt_lengths"])
        return [Answer(str(fam), bool(greedy), row[:n].astype(np.int64), int(start)) for fam, greedy, row, n, start in parts]
