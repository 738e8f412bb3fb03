"""Passages cut out of the target's own answers: material for prompts about a text, without any outside data."""
import random
import re

from .chat_form import ChatForm
from .shards import Shard

SENTENCE_END = re.compile(r"(?<=[.!?])\s+")


def passages_of(shard: Shard, form: ChatForm, seed: int, per_row: int = 2, characters=(100, 700)) -> list[str]:
    """Runs of whole sentences from answers that look like prose."""
    r, found = random.Random(seed), []
    for tokens, marks in zip(shard.tokens, shard.marks):
        text = form.tokenizer.decode(tokens[marks == 1].tolist(), skip_special_tokens=True)
        paragraphs = [p for p in text.split("\n") if len(p) > characters[0] and p[0].isalpha() and p[-1] in ".!?"]
        for paragraph in r.sample(paragraphs, min(per_row, len(paragraphs))):
            sentences = SENTENCE_END.split(paragraph)
            first = r.randrange(len(sentences))
            text = " ".join(sentences[first : first + r.randint(1, 6)])
            if characters[0] < len(text) < characters[1]:
                found.append(text)
    return found


def long_passages(passages: list[str], seed: int, count: int, characters: int) -> list[str]:
    """Documents of about that length, of several passages each, for prompts that fill the draft's window."""
    r, found = random.Random(seed), []
    for _ in range(count):
        parts: list[str] = []
        while sum(map(len, parts)) < characters:
            parts.append(r.choice(passages))
        found.append("\n\n".join(parts))
    return found
