"""The rows that a Generator is writing: what each has so far, whose turn it is, and which tokens its prompt or the chat
template forces. Everything is changed in place, since a CUDA graph knows addresses, not names."""
import torch
from torch import Tensor

from .chat_form import ChatForm
from .prompts import ANSWER, PLAIN, USER, Prompt
from .shards import ANSWERED, ASKED, FORCED, Shard

GREEDY = 1e-4  # stands for temperature 0, which would need its own path


class Rows:
    def __init__(self, form: ChatForm, rows: int, length: int, device: torch.device):
        new = lambda *size: torch.zeros(*size, dtype=torch.long, device=device)  # noqa: E731
        self.rows, self.length, self.end_of_turn = rows, length, form.end_of_turn
        self.token = new(rows)  # the last one, not yet in the cache
        self.position = new(1)  # where it will stand
        self.prompt, self.prompt_length = new(rows, length), new(rows)
        self.turn = new(rows)  # ANSWER, USER or PLAIN
        self.piece_at = new(rows)  # how much of the template's piece has been forced in; -1 outside a piece
        self.temperature = torch.ones(rows, device=device)  # of answers and plain text; user turns are drawn at 1
        self.tokens, self.marks = new(rows, length), new(rows, length)
        pieces = [form.to_user[1:], form.to_answer[1:]]  # after an ANSWER, after a USER turn
        self.piece_length = torch.tensor([len(piece) for piece in pieces] + [0], device=device)
        self.pieces = new(3, max(map(len, pieces)))
        for row, piece in zip(self.pieces, pieces):
            row[: len(piece)] = torch.tensor(piece)

    def changing(self) -> list[Tensor]:
        return [self.token, self.position, self.turn, self.piece_at, self.tokens, self.marks]

    def begin(self, prompts: list[Prompt], temperatures: Tensor) -> int:
        """Returns the position up to which all rows are prompt."""
        lengths = [len(prompt.ids) for prompt in prompts]
        if len(prompts) != self.rows or max(lengths) >= self.length or min(lengths) < 1:
            raise ValueError(f"{self.rows} prompts of 1 to {self.length - 1} tokens are wanted")
        ids = torch.zeros(self.rows, self.length, dtype=torch.long)
        for row, prompt in zip(ids, prompts):
            row[: len(prompt.ids)] = torch.tensor(prompt.ids)
        self.prompt.copy_(ids)
        self.prompt_length.copy_(torch.tensor(lengths))
        self.turn.copy_(torch.tensor([prompt.turn for prompt in prompts]))
        self.temperature.copy_(temperatures.clamp_min(GREEDY))
        self.piece_at.fill_(-1)
        self.marks.fill_(FORCED)
        first = min(lengths) - 1
        self.tokens[:, :first] = self.prompt[:, :first]
        self.token.copy_(self.prompt[:, first])
        self.position.fill_(first)
        return first

    def temperatures(self) -> Tensor:
        return torch.where(self.turn == USER, 1.0, self.temperature)

    def write(self, drawn: Tensor) -> None:
        """The drawn token, or what the prompt or the template forces; then everything moves on by one position."""
        next_position = self.position + 1
        in_prompt = next_position < self.prompt_length
        ended = (self.token == self.end_of_turn) & (next_position > self.prompt_length) & (self.turn != PLAIN)
        piece_at = torch.where(ended, 0, self.piece_at)
        in_piece = piece_at >= 0
        token = torch.where(in_piece, self.pieces[self.turn, piece_at.clamp_min(0)], drawn)
        column = next_position.clamp_max(self.length - 1)
        token = torch.where(in_prompt, self.prompt.index_select(1, column)[:, 0], token)
        mark = torch.where(in_prompt | in_piece, FORCED, torch.where(self.turn == USER, ASKED, ANSWERED))
        piece_done = in_piece & (piece_at + 1 >= self.piece_length[self.turn])
        self.piece_at.copy_(torch.where(in_piece & ~piece_done, piece_at + 1, -1))
        self.turn.copy_(torch.where(piece_done, torch.where(self.turn == ANSWER, USER, ANSWER), self.turn))
        self.tokens.index_copy_(1, self.position, self.token[:, None])
        self.marks.index_copy_(1, column, mark[:, None])
        self.token.copy_(token)
        self.position.add_(1)

    def shard(self, vocab: int) -> Shard:
        """Once all positions but the last are written."""
        self.tokens[:, -1] = self.token
        small = "uint16" if vocab <= 65_536 else "uint32"
        return Shard(self.tokens.cpu().numpy().astype(small), self.marks.cpu().numpy().astype("uint8"))
