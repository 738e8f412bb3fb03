"""Prompts of all families: templates filled with words and with passages of the target's own writing, conversations that
the target opens itself (whole user turns, or user turns of which a few words are given), and plain text to go on with."""
import random
import re
import tomllib
from dataclasses import dataclass
from pathlib import Path

from .chat_form import ChatForm

DATA = Path(__file__).parent / "data"
SLOT = re.compile(r"{(\w+)}")
#: Who writes next when the prompt ends. PLAIN text has no turns.
ANSWER, USER, PLAIN = 0, 1, 2
FAMILIES = ("chat", "code", "maths", "summarise", "rewrite", "extract", "plain")
#: How often each is asked for; `opened` and `begun` are user turns that the target writes, wholly or from a few words on.
SHARES = {"chat": 19, "code": 9, "maths": 7, "summarise": 7, "rewrite": 8, "extract": 8, "plain": 8, "opened": 16, "begun": 18}


@dataclass(frozen=True)
class Prompt:
    family: str
    ids: list[int]
    turn: int


class PromptWriter:
    """`split` is "train" or "held_out". Passages are texts to summarise, rewrite and so on, best of the target's own."""

    def __init__(self, form: ChatForm, split: str, seed: int | str, passages: list[str] = ()):
        words = tomllib.loads((DATA / "words.toml").read_text())
        families = tomllib.loads((DATA / "families.toml").read_text())
        self.form, self.split, self.random = form, split, random.Random(seed)
        self.words = {slot: text.split(";") for slot, text in (words["shared"] | words[split]).items()}
        self.templates = {name: family[split].strip().split("\n") for name, family in families.items()}
        self.passages = list(passages) or self.words.get("passage") or []

    def any(self) -> Prompt:
        return self.of(self.random.choices(list(SHARES), list(SHARES.values()))[0])

    def of(self, family: str) -> Prompt:
        form, r = self.form, self.random
        training = self.split == "train"
        system = r.choice(self.words["system"]) if training and r.random() < 0.12 else None
        opening = form.open_with(system)
        if family == "opened":
            return Prompt(family, opening, USER)
        if family == "begun":
            text = self.fill(r.choice(self.templates[r.choice([f for f in FAMILIES if f != "plain"])]))
            return Prompt(family, opening + form.encode(_beginning(text, r)), USER)
        text = self.fill(r.choice(self.templates[family]))
        if family == "plain":
            return Prompt(family, [form.tokenizer.token_to_id("<|endoftext|>") or 0] + form.encode(text), PLAIN)
        if training and family in ("chat", "code", "maths") and r.random() < 0.2:
            text += " " + r.choice(self.words["wish"])
        return Prompt(family, opening + form.encode(text) + form.to_answer, ANSWER)

    def fill(self, template: str) -> str:
        chosen: dict[str, str] = {}  # a slot that occurs twice says the same twice
        word = lambda slot: chosen.setdefault(slot, self._word(slot))  # noqa: E731
        return SLOT.sub(lambda match: word(match[1]), template).replace("\\n", "\n")

    def _word(self, slot: str) -> str:
        r = self.random
        if slot in ("n", "m", "k", "k6"):
            return str(r.randint(2, {"n": 120, "m": 60, "k": 9, "k6": 6}[slot]))
        if slot in ("k_twice", "k_thrice"):
            return str(r.randint(2, 60))
        if slot == "year":
            return str(r.randint(1850, 2024))
        if slot in ("passage", "text"):
            if slot == "text" and r.random() < 0.3 or not self.passages:
                return self._facts()
            return r.choice(self.passages)
        if slot == "facts":
            return self._facts()
        if slot == "character_start":
            return f"One day, {r.choice(self.words['character'])} arrived in {r.choice(self.words['place'])}."
        if slot.endswith("_cap") and slot not in self.words:
            text = r.choice(self.words[slot[:-4]])
            return text[0].upper() + text[1:]
        return r.choice(self.words[slot if slot in self.words else slot.rstrip("2")])

    def _facts(self) -> str:
        return " ".join(self._fact() for _ in range(self.random.randint(1, 5)))

    def _fact(self) -> str:
        r, w = self.random, self.words
        name, other = r.sample(w["name"], 2)
        city, day, month, thing = r.choice(w["city"]), r.randint(1, 28), r.choice(w["month"]), r.choice(w["thing"])
        return r.choice([
            f"{name} is {r.randint(18, 80)} years old and lives in {city}.",
            f"{name} moved to {city} on {day} {month} {r.randint(1950, 2024)}.",
            f"The {thing} cost {r.randint(2, 90)} dollars and the {r.choice(w['thing'])} cost {r.randint(2, 90)}.",
            f"{name} and {other} met in {city} at {r.randint(1, 12)} o'clock.",
            f"{name} works as a {r.choice(w['job'])} and likes {r.choice(w['hobby'])}.",
            f"The meeting is on {day} {month} at {r.randint(8, 18)}:30.",
            f"{name} sold {r.randint(2, 400)} {thing} to {other} in {month}.",
            f"In {r.randint(1900, 2024)} the company opened its first shop in {city}.",
        ])  # fmt: skip


def _beginning(text: str, r: random.Random) -> str:
    words = text.split(" ")
    return " ".join(words[: r.randint(1, min(5, len(words)))])
