"""Prompts of a deployment's own traffic, from the file that the gateway writes if OUTRIDER_DISTILL_LOG is set. Conversations
in which the draft was refused often come more often."""
import json

from .chat_form import ChatForm
from .prompts import ANSWER, PLAIN, Prompt


def read_traffic(path: str, form: ChatForm) -> tuple[list[Prompt], list[float]]:
    """Prompts, and how often each should come: one, and one more for every refused token. Raises ValueError at a line
    that is not a record."""
    prompts, weights = [], []
    with open(path, encoding="utf-8") as lines:
        for number, line in enumerate(lines, 1):
            try:
                record = json.loads(line)
                refused = sum(drafted - accepted for drafted, accepted in record["rounds"])
                if "messages" in record:
                    prompt = Prompt("traffic", form.conversation(record["messages"]), ANSWER)
                else:
                    prompt = Prompt("traffic", form.encode(record["text"]), PLAIN)
            except (KeyError, TypeError, ValueError) as error:
                raise ValueError(f"{path}, line {number}: not a record of the gateway's distill log ({error})") from error
            if prompt.ids:
                prompts.append(prompt)
                weights.append(1.0 + max(0, refused))
    if not prompts:
        raise ValueError(f"{path} holds no prompts")
    return prompts, weights
