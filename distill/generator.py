"""Samples rows of conversation from a model, many at once. On a GPU one token of all rows is one CUDA graph, captured for
each width of the cache; what all prompts have in common in length is read in one pass beforehand. After each turn the
pieces of the chat template are forced in, so a row is a conversation of several turns without padding."""
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from .chat_form import ChatForm
from .llama import Layer, Llama, exact_logits, rope_tables, window_mask
from .prompts import ANSWER, PLAIN, USER, Prompt
from .shards import ANSWERED, ASKED, FORCED, Shard

WIDTH_STEP = 128  # cache widths come in multiples of this
READ_ROWS = 128  # rows read at once before the first step
GREEDY = 1e-4  # stands for temperature 0, which would need its own path


@dataclass
class State:
    """One entry a row, on the device, changed in place by the step (a CUDA graph knows addresses, not names)."""

    token: Tensor  # [rows] the last token, not yet in the cache
    position: Tensor  # [1] where it will stand
    prompt: Tensor  # [rows, length]
    prompt_length: Tensor  # [rows]
    turn: Tensor  # [rows] ANSWER, USER or PLAIN
    piece_at: Tensor  # [rows] how much of the template's piece has been forced in; -1 outside a piece
    temperature: Tensor  # [rows] of answers and plain text; user turns are drawn at 1
    tokens: Tensor  # [rows, length] the result
    marks: Tensor  # [rows, length]

    def tensors(self) -> list[Tensor]:
        return list(vars(self).values())


class Generator:
    def __init__(self, model: Llama, form: ChatForm, rows: int, length: int):
        shape, device = model.shape, model.embedding.device
        self.model, self.form, self.rows, self.length = model, form, rows, length
        self.dtype = torch.bfloat16 if device.type == "cuda" else torch.float32
        self.tables = rope_tables(shape, length + 1, device)
        cache = (shape.layers, rows, shape.kv_heads, length, shape.head_dim)
        self.keys = torch.zeros(cache, device=device, dtype=self.dtype)
        self.values = torch.zeros_like(self.keys)
        new = lambda *size: torch.zeros(*size, dtype=torch.long, device=device)  # noqa: E731
        self.state = State(new(rows), new(1), new(rows, length), new(rows), new(rows), new(rows),
                           torch.ones(rows, device=device), new(rows, length), new(rows, length))  # fmt: skip
        pieces = [form.to_user[1:], form.to_answer[1:]]  # after an ANSWER, after a USER turn
        self.piece_length = torch.tensor([len(piece) for piece in pieces] + [0], device=device)
        self.pieces = new(3, max(map(len, pieces)))
        for row, piece in zip(self.pieces, pieces):
            row[: len(piece)] = torch.tensor(piece)
        self.columns = torch.arange(length, device=device)
        self.graphs: dict[int, torch.cuda.CUDAGraph] = {}
        on_gpu = device.type == "cuda"
        compiled = lambda f: torch.compile(f, dynamic=False) if on_gpu else f  # noqa: E731
        self.before, self.after, self.choose = compiled(Layer.queries_keys_values), compiled(Layer.finish), compiled(_choose)

    @torch.inference_mode()
    def run(self, prompts: list[Prompt], temperatures: Tensor) -> Shard:
        """`rows` prompts, each shorter than `length`, go on until the rows are full; temperatures [rows] of the answers."""
        first = self._start(prompts, temperatures)
        for position in range(first, self.length - 1):
            self._advance(-(-(position + 1) // WIDTH_STEP) * WIDTH_STEP)
        s = self.state
        s.tokens[:, -1] = s.token
        small = "uint16" if self.model.shape.vocab <= 65_536 else "uint32"
        return Shard(s.tokens.cpu().numpy().astype(small), s.marks.cpu().numpy().astype("uint8"))

    def _start(self, prompts: list[Prompt], temperatures: Tensor) -> int:
        s = self.state
        s.prompt.zero_()
        lengths = [len(prompt.ids) for prompt in prompts]
        if len(prompts) != self.rows or max(lengths) >= self.length or min(lengths) < 1:
            raise ValueError(f"{self.rows} prompts of 1 to {self.length - 1} tokens are wanted")
        rows = torch.zeros(self.rows, self.length, dtype=torch.long)
        for row, prompt in zip(rows, prompts):
            row[: len(prompt.ids)] = torch.tensor(prompt.ids)
        s.prompt.copy_(rows)
        s.prompt_length.copy_(torch.tensor(lengths))
        s.turn.copy_(torch.tensor([prompt.turn for prompt in prompts]))
        s.temperature.copy_(temperatures.clamp_min(GREEDY))
        s.piece_at.fill_(-1)
        s.marks.fill_(FORCED)
        first = min(lengths) - 1
        for rows_read in torch.arange(self.rows, device=s.token.device).split(READ_ROWS):
            self._read(rows_read, first)
        s.tokens[:, :first] = s.prompt[:, :first]
        s.token.copy_(s.prompt[:, first])
        s.position.fill_(first)
        return first

    def _read(self, rows: Tensor, positions: int) -> None:
        """Fills the caches of these rows with the first positions of their prompts."""
        if positions == 0:
            return
        x = self.model.embed(self.state.prompt[rows, :positions], self.dtype)
        cos, sin = (table[:positions] for table in self.tables)
        mask = window_mask(self.model.shape, positions, x.device)
        for i, layer in enumerate(self.model.layers):
            q, k, v = layer.queries_keys_values(x, cos, sin)
            self.keys[i, rows, :, :positions], self.values[i, rows, :, :positions] = k, v
            attended = F.scaled_dot_product_attention(q, k, v, attn_mask=mask, is_causal=mask is None, enable_gqa=True)
            x = layer.finish(x, attended.transpose(1, 2).reshape(*x.shape[:2], -1))

    def _advance(self, width: int) -> None:
        width = min(width, self.length)
        if self.state.token.device.type != "cuda":
            return self._step(width)
        if width not in self.graphs:
            self.graphs[width] = self._capture(width)
        self.graphs[width].replay()

    def _capture(self, width: int) -> torch.cuda.CUDAGraph:
        saved = [tensor.clone() for tensor in self.state.tensors()]
        restore = lambda: [tensor.copy_(old) for tensor, old in zip(self.state.tensors(), saved)]  # noqa: E731
        stream = torch.cuda.Stream()
        stream.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(stream):
            for _ in range(2):  # warm up: compile, and let the libraries allocate
                self._step(width)
                restore()
        torch.cuda.current_stream().wait_stream(stream)
        graph = torch.cuda.CUDAGraph()
        pool = next(iter(self.graphs.values())).pool() if self.graphs else None
        with torch.cuda.graph(graph, pool=pool):
            self._step(width)
        restore()
        return graph

    def _step(self, width: int) -> None:
        s, shape = self.state, self.model.shape
        cos, sin = (table[s.position] for table in self.tables)
        group = shape.heads // shape.kv_heads
        columns = self.columns[:width]
        seen = (columns <= s.position) & (columns > s.position - (shape.window or self.length))
        mask = seen[None, None, None].expand(self.rows, 1, group, width)
        x = self.model.embed(s.token[:, None], self.dtype)
        for i, layer in enumerate(self.model.layers):
            q, k, v = self.before(layer, x, cos, sin)
            self.keys[i].index_copy_(2, s.position, k)
            self.values[i].index_copy_(2, s.position, v)
            grouped = q.reshape(self.rows, shape.kv_heads, group, shape.head_dim)
            keys, values = self.keys[i][:, :, :width], self.values[i][:, :, :width]
            attended = F.scaled_dot_product_attention(grouped, keys, values, attn_mask=mask)
            x = self.after(layer, x, attended.reshape(self.rows, 1, -1))
        logits = exact_logits(self.model.final_norm(x[:, 0]), self.model.head.to(self.dtype))
        drawn = self.choose(logits, torch.where(s.turn == USER, 1.0, s.temperature))
        self._write(self.model.head_ids[drawn].long())

    def _write(self, drawn: Tensor) -> None:
        """The drawn token, or what the prompt or the template forces; then everything moves on by one position."""
        s, next_position = self.state, self.state.position + 1
        in_prompt = next_position < s.prompt_length
        ended = (s.token == self.form.end_of_turn) & (next_position > s.prompt_length) & (s.turn != PLAIN)
        piece_at = torch.where(ended, 0, s.piece_at)
        in_piece = piece_at >= 0
        token = torch.where(in_piece, self.pieces[s.turn, piece_at.clamp_min(0)], drawn)
        column = next_position.clamp_max(self.length - 1)
        token = torch.where(in_prompt, s.prompt.index_select(1, column)[:, 0], token)
        mark = torch.where(in_prompt | in_piece, FORCED, torch.where(s.turn == USER, ASKED, ANSWERED))
        piece_done = in_piece & (piece_at + 1 >= self.piece_length[s.turn])
        s.piece_at.copy_(torch.where(in_piece & ~piece_done, piece_at + 1, -1))
        s.turn.copy_(torch.where(piece_done, torch.where(s.turn == ANSWER, USER, ANSWER), s.turn))
        s.tokens.index_copy_(1, s.position, s.token[:, None])
        s.marks.index_copy_(1, column, mark[:, None])
        s.token.copy_(token)
        s.position.add_(1)


def _choose(logits: Tensor, temperature: Tensor) -> Tensor:
    """Draws from softmax(logits / temperature) by the Gumbel-max trick: one pass, no sums. logits [rows, vocabulary]."""
    uniform = torch.rand(logits.shape, device=logits.device).clamp_min(1e-20)
    return (logits / temperature[:, None] - torch.log(-torch.log(uniform))).argmax(-1)
