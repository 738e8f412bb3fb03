"""Samples training rows from the target (or, for an on-policy round, from the draft) until the time is over. Each batch
is a file of its own, so a run can be stopped at any moment and another one adds to it."""
import itertools
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import torch

from .chat_form import ChatForm
from .generator import Generator
from .llama import Llama
from .passages import long_passages, passages_of
from .prompts import Prompt, PromptWriter
from .shards import Shard, load_shards, next_number
from .traffic import read_traffic

SORTED_BATCHES = 4  # prompts of this many batches are sorted by length, so that most of a prompt is read in one pass
TEMPERATURES, ODDS = (0.0, 0.5, 0.8, 1.0), (0.4, 0.1, 0.2, 0.3)


@dataclass(frozen=True)
class SampleJob:
    out: str
    prefix: str
    seconds: float
    rows: int
    length: int
    passages_from: str | None
    long_prompts: bool
    traffic: str | None = None  # the gateway's distill log; all prompts come from it then


def sample(model: Llama, form: ChatForm, job: SampleJob) -> None:
    started = time.monotonic()
    first = next_number(job.out, job.prefix)
    writer = PromptWriter(form, "train", seed=f"{job.prefix} {first}", passages=_passages(form, job))
    torch.manual_seed(writer.random.getrandbits(32))
    generator = Generator(model, form, job.rows, job.length)
    batches = prompt_batches(writer, job, read_traffic(job.traffic, form) if job.traffic else None)
    with ThreadPoolExecutor(1) as ahead:
        upcoming = ahead.submit(next, batches)
        for number in itertools.count(first):
            prompts = upcoming.result()
            upcoming = ahead.submit(next, batches)
            temperatures = torch.tensor(writer.random.choices(TEMPERATURES, ODDS, k=job.rows))
            shard = generator.run(prompts, temperatures)
            shard.save(job.out, f"{job.prefix}-{number:04d}")
            seconds, batches_done = time.monotonic() - started, number - first + 1
            _report(form, shard, number, seconds)
            if seconds + seconds / batches_done > job.seconds:  # the next one would end too late
                return


Traffic = tuple[list[Prompt], list[float]]


def prompt_batches(writer: PromptWriter, job: SampleJob, traffic: Traffic | None = None) -> Iterator[list[Prompt]]:
    longest = job.length * (7 if job.long_prompts else 5) // 8
    if traffic and all(len(prompt.ids) >= longest for prompt in traffic[0]):
        raise ValueError(f"every prompt of {job.traffic} has {longest} tokens or more; sample longer rows")
    while True:
        pool: list[Prompt] = []
        while len(pool) < job.rows * SORTED_BATCHES:
            prompt = _draw(writer, job, traffic)
            if (job.length // 3 if job.long_prompts else 0) < len(prompt.ids) < longest:
                pool.append(prompt)
        pool.sort(key=lambda prompt: len(prompt.ids))
        starts = list(range(0, len(pool), job.rows))
        writer.random.shuffle(starts)
        yield from (pool[start : start + job.rows] for start in starts)


def _draw(writer: PromptWriter, job: SampleJob, traffic: Traffic | None) -> Prompt:
    if traffic:
        return writer.random.choices(*traffic)[0]
    return writer.of(writer.random.choice(("summarise", "rewrite", "extract"))) if job.long_prompts else writer.any()


def _passages(form: ChatForm, job: SampleJob) -> list[str]:
    if job.passages_from is None:
        return []
    short = passages_of(next(iter(load_shards(job.passages_from).values())), form, seed=1)
    if not job.long_prompts:
        return short
    mixed = [long_passages(short, seed, 4_000, characters) for seed, characters in enumerate((1_500, 2_500, 3_500, 4_500))]
    return [text for texts in mixed for text in texts]


def _report(form: ChatForm, shard: Shard, number: int, seconds: float) -> None:
    answered = (shard.marks == 1).mean()
    print(f"shard {number}: {shard.tokens.size / 1e6:.2f} M tokens, {answered:.0%} answers, {seconds:.0f} s", flush=True)
    if number == 0:
        for row in shard.tokens[:: max(1, len(shard.tokens) // 6)]:
            print("   ", repr(form.tokenizer.decode(row[:160].tolist(), skip_special_tokens=False)), flush=True)
