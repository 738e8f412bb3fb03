"""Samples rows of conversation from a model, many at once. On a GPU one token of all rows is one CUDA graph, captured for
each width of the cache; what all prompts have in common in length is read in one pass beforehand. After each turn the
pieces of the chat template are forced in, so a row is a conversation of several turns without padding."""
import torch
import torch.nn.functional as F
from torch import Tensor

from .chat_form import ChatForm
from .llama import Layer, Llama, exact_logits, rope_tables, window_mask
from .prompts import Prompt
from .rows import Rows
from .shards import Shard

WIDTH_STEP = 128  # cache widths come in multiples of this
READ_ROWS = 128  # rows read at once before the first step


class Generator:
    def __init__(self, model: Llama, form: ChatForm, rows: int, length: int):
        shape, device = model.shape, model.embedding.device
        self.on_gpu = device.type == "cuda"
        self.model, self.rows = model, Rows(form, rows, length, device)
        self.dtype = torch.bfloat16 if self.on_gpu else torch.float32
        self.tables = rope_tables(shape, length + 1, device)
        cache = (shape.layers, rows, shape.kv_heads, length, shape.head_dim)
        self.keys = torch.zeros(cache, device=device, dtype=self.dtype)
        self.values = torch.zeros_like(self.keys)
        self.columns = torch.arange(length, device=device)
        self.graphs: dict[int, torch.cuda.CUDAGraph] = {}
        compiled = lambda f: torch.compile(f, dynamic=False) if self.on_gpu else f  # noqa: E731
        self.before, self.after, self.choose = compiled(Layer.queries_keys_values), compiled(Layer.finish), compiled(_choose)

    @torch.inference_mode()
    def run(self, prompts: list[Prompt], temperatures: Tensor) -> Shard:
        """As many prompts as rows, each shorter than they, go on until the rows are full; temperatures [rows] of the
        answers, 0 for greedy ones."""
        rows = self.rows
        first = rows.begin(prompts, temperatures)
        for part in torch.arange(rows.rows, device=rows.token.device).split(READ_ROWS):
            self._read(part, first)
        for position in range(first, rows.length - 1):
            self._advance(min(rows.length, -(-(position + 1) // WIDTH_STEP) * WIDTH_STEP))
        return rows.shard(self.model.shape.vocab)

    def _read(self, rows: Tensor, positions: int) -> None:
        """Fills the caches of these rows with the first positions of their prompts."""
        if positions == 0:
            return
        x = self.model.embed(self.rows.prompt[rows, :positions], self.dtype)
        cos, sin = (table[:positions] for table in self.tables)
        mask = window_mask(self.model.shape, positions, x.device)
        for i, layer in enumerate(self.model.layers):
            q, k, v = layer.queries_keys_values(x, cos, sin)
            self.keys[i, rows, :, :positions], self.values[i, rows, :, :positions] = k, v
            attended = F.scaled_dot_product_attention(q, k, v, attn_mask=mask, is_causal=mask is None, enable_gqa=True)
            x = layer.finish(x, attended.transpose(1, 2).reshape(*x.shape[:2], -1))

    def _advance(self, width: int) -> None:
        if not self.on_gpu:
            return self._step(width)
        if width not in self.graphs:
            self.graphs[width] = self._capture(width)
        self.graphs[width].replay()

    def _capture(self, width: int) -> torch.cuda.CUDAGraph:
        changing = self.rows.changing()
        saved = [tensor.clone() for tensor in changing]
        restore = lambda: [tensor.copy_(old) for tensor, old in zip(changing, saved)]  # noqa: E731
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
        """One token of every row, over the first `width` columns of the cache."""
        shape, rows, position = self.model.shape, self.rows.rows, self.rows.position
        cos, sin = (table[position] for table in self.tables)
        group = shape.heads // shape.kv_heads
        columns = self.columns[:width]
        seen = (columns <= position) & (columns > position - (shape.window or width))
        mask = seen[None, None, None].expand(rows, 1, group, width)
        x = self.model.embed(self.rows.token[:, None], self.dtype)
        for i, layer in enumerate(self.model.layers):
            q, k, v = self.before(layer, x, cos, sin)
            self.keys[i].index_copy_(2, position, k)
            self.values[i].index_copy_(2, position, v)
            grouped = q.reshape(rows, shape.kv_heads, group, shape.head_dim)
            keys, values = self.keys[i][:, :, :width], self.values[i][:, :, :width]
            attended = F.scaled_dot_product_attention(grouped, keys, values, attn_mask=mask)
            x = self.after(layer, x, attended.reshape(rows, 1, -1))
        logits = exact_logits(self.model.final_norm(x[:, 0]), self.model.head.to(self.dtype))
        drawn = self.choose(logits, self.rows.temperatures())
        self.rows.write(self.model.head_ids[drawn].long())


def _choose(logits: Tensor, temperature: Tensor) -> Tensor:
    """Draws from softmax(logits / temperature) by the Gumbel-max trick: one pass, no sums. logits [rows, vocabulary]."""
    uniform = torch.rand(logits.shape, device=logits.device).clamp_min(1e-20)
    return (logits / temperature[:, None] - torch.log(-torch.log(uniform))).argmax(-1)
