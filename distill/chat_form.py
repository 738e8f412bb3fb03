"""The fixed pieces of a target's chat template, found by rendering it: what stands before, between and after the turns."""
import json
from dataclasses import dataclass
from pathlib import Path

from jinja2 import Template
from jinja2.sandbox import ImmutableSandboxedEnvironment
from tokenizers import Tokenizer

USER, ANSWER, USER_2 = "\u2460user\u2460", "\u2461answer\u2461", "\u2462again\u2462"


@dataclass(frozen=True)
class ChatForm:
    """Token ids. A conversation is opening, user text, to_answer, answer, to_user, user text, to_answer, …; both `to_`
    pieces begin with the end-of-turn token, which whoever writes the turn writes."""

    tokenizer: Tokenizer
    opening: list[int]
    to_answer: list[int]
    to_user: list[int]
    template: Template | None = None

    @classmethod
    def read(cls, folder: str) -> "ChatForm":
        """From tokenizer.json and the chat template beside it; raises ValueError if turns do not end with one token."""
        tokenizer = Tokenizer.from_file(str(Path(folder) / "tokenizer.json"))
        template = ImmutableSandboxedEnvironment().from_string(_template(Path(folder)))
        messages = [{"role": "user", "content": USER}, {"role": "assistant", "content": ANSWER}, {"role": "user", "content": USER_2}]
        text = template.render(messages=messages, add_generation_prompt=True)
        opening, rest = text.split(USER)
        between, rest = rest.split(ANSWER)
        to_user, to_answer = rest.split(USER_2)
        if not to_answer.startswith(between[:4]):
            raise ValueError("the chat template treats the first answer unlike later ones")
        ids = lambda piece: tokenizer.encode(piece, add_special_tokens=False).ids  # noqa: E731
        form = cls(tokenizer, ids(opening), ids(to_answer), ids(to_user), template)
        if form.to_answer[0] != form.to_user[0]:
            raise ValueError("the chat template ends user turns and answers with different tokens")
        return form

    @property
    def end_of_turn(self) -> int:
        return self.to_answer[0]

    def encode(self, text: str) -> list[int]:
        return self.tokenizer.encode(text, add_special_tokens=False).ids

    def conversation(self, messages: list[dict]) -> list[int]:
        """The prompt for an answer to these messages."""
        return self.encode(self.template.render(messages=messages, add_generation_prompt=True))

    def open_with(self, system: str | None) -> list[int]:
        """The opening, with another system message if one is given and the template has a place for it."""
        text = self.tokenizer.decode(self.opening, skip_special_tokens=False)
        end = self.tokenizer.decode([self.end_of_turn], skip_special_tokens=False)
        head, mark, tail = text.partition(end)
        line = head.find("\n")
        if system is None or not mark or line < 0:
            return self.opening
        return self.encode(head[: line + 1] + system + mark + tail)


def _template(folder: Path) -> str:
    file = folder / "chat_template.jinja"
    if file.exists():
        return file.read_text()
    return json.loads((folder / "tokenizer_config.json").read_text())["chat_template"]
