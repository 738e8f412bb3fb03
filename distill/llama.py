"""A Llama in PyTorch that serves as target and as draft: full forward for training, and the parts of a layer by
themselves, from which the sampler builds its one-token step."""
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from .features import normalised
from .quantise import four_bits
from .shape import Shape


def rope_tables(shape: Shape, length: int, device) -> tuple[Tensor, Tensor]:
    """Cosines and sines, each [length, head_dim / 2], float32."""
    frequency = shape.rope_theta ** (-torch.arange(0, shape.head_dim, 2, dtype=torch.float64) / shape.head_dim)
    angle = torch.outer(torch.arange(length, dtype=torch.float64), frequency)
    return angle.cos().float().to(device), angle.sin().float().to(device)


def window_mask(shape: Shape, length: int, device) -> Tensor | None:
    """[length, length], true where attention may look; None if plain causal attention does the same."""
    if shape.window is None or length <= shape.window:
        return None
    back = torch.arange(length, device=device)[:, None] - torch.arange(length, device=device)[None]
    return (back >= 0) & (back < shape.window)


def rotate(x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
    """x [..., positions, head_dim]; the two halves are the pairs, as in the hub's layout."""
    a, b = x.float().chunk(2, -1)
    return torch.cat([a * cos - b * sin, b * cos + a * sin], -1).to(x.dtype)


def exact_logits(hidden: Tensor, head: Tensor) -> Tensor:
    """hidden [n, width], head [rows, width] → float32 [n, rows]. Logits rounded to bfloat16 would tie and shift by 6 %."""
    if hidden.is_cuda and hidden.dtype != torch.float32:
        return torch.mm(hidden, head.t(), out_dtype=torch.float32)
    return F.linear(hidden, head).float()


class Layer(nn.Module):
    def __init__(self, shape: Shape):
        super().__init__()
        self.shape = shape
        width = shape.heads * shape.head_dim
        self.attention_norm = nn.Parameter(torch.ones(shape.hidden))
        self.qkv = nn.Parameter(torch.empty(width + 2 * shape.kv_heads * shape.head_dim, shape.hidden))
        self.out = nn.Parameter(torch.empty(shape.hidden, width))
        self.mlp_norm = nn.Parameter(torch.ones(shape.hidden))
        self.gate_up = nn.Parameter(torch.empty(2 * shape.mlp, shape.hidden))
        self.down = nn.Parameter(torch.empty(shape.hidden, shape.mlp))

    def queries_keys_values(self, x: Tensor, cos: Tensor, sin: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """x [rows, positions, hidden] → q [rows, heads, positions, head_dim], k and v the same with KV heads."""
        s = self.shape
        rows, positions, _ = x.shape
        y = F.linear(self._norm(x, self.attention_norm), self.qkv.to(x.dtype))
        y = y.view(rows, positions, s.heads + 2 * s.kv_heads, s.head_dim).transpose(1, 2)
        q, k, v = y.split([s.heads, s.kv_heads, s.kv_heads], 1)
        return rotate(q, cos, sin), rotate(k, cos, sin), v

    def finish(self, x: Tensor, attended: Tensor) -> Tensor:
        """attended [rows, positions, heads · head_dim]; adds it and the MLP to the residual stream."""
        x = x + F.linear(attended, self.out.to(x.dtype))
        gate, up = F.linear(self._norm(x, self.mlp_norm), self.gate_up.to(x.dtype)).chunk(2, -1)
        return x + F.linear(F.silu(gate) * up, self.down.to(x.dtype))

    def forward(self, x: Tensor, cos: Tensor, sin: Tensor, mask: Tensor | None) -> Tensor:
        q, k, v = self.queries_keys_values(x, cos, sin)
        grouped = self.shape.heads != self.shape.kv_heads
        attended = F.scaled_dot_product_attention(q, k, v, attn_mask=mask, is_causal=mask is None, enable_gqa=grouped)
        return self.finish(x, attended.transpose(1, 2).reshape(x.shape[0], x.shape[1], -1))

    def _norm(self, x: Tensor, weight: Tensor) -> Tensor:
        return F.rms_norm(x, (x.shape[-1],), weight.to(x.dtype), self.shape.rms_epsilon)


class Llama(nn.Module):
    def __init__(self, shape: Shape):
        super().__init__()
        self.shape = shape
        self.embedding = nn.Parameter(torch.empty(shape.vocab, shape.hidden))
        self.layers = nn.ModuleList(Layer(shape) for _ in range(shape.layers))
        self.norm = nn.Parameter(torch.ones(shape.hidden))
        self.own_head = None if shape.tied else nn.Parameter(torch.empty(shape.head, shape.hidden))
        self.register_buffer("head_ids", torch.arange(shape.head, dtype=torch.int32))
        #: Embed with the 4-bit values that the built model will hold; gradients pass straight through.
        self.embed_in_four_bits = False

    @property
    def head(self) -> Tensor:
        """[head rows, hidden]; row i is the token head_ids[i]."""
        return self.embedding if self.own_head is None else self.own_head

    def embed(self, ids: Tensor, dtype: torch.dtype) -> Tensor:
        rows = F.embedding(ids, self.embedding)
        return (four_bits(rows) if self.embed_in_four_bits else rows).to(dtype)

    def hidden_states(self, ids: Tensor, tables: tuple[Tensor, Tensor], mask: Tensor | None, dtype: torch.dtype) -> Tensor:
        """ids [rows, positions] → normalised hidden states [rows, positions, hidden]."""
        return self.hidden_and_features(ids, tables, mask, dtype, ())[0]

    def hidden_and_features(
        self, ids: Tensor, tables: tuple[Tensor, Tensor], mask: Tensor | None, dtype: torch.dtype, after: tuple[int, ...]
    ) -> tuple[Tensor, Tensor | None]:
        """Also the features [rows, positions, len(after) · hidden]: the residual streams after these layers."""
        x = self.embed(ids, dtype)
        streams: dict[int, Tensor] = {}
        for i, layer in enumerate(self.layers):
            x = layer(x, *tables, mask)
            if i in after:
                streams[i] = normalised(x)
        return self.final_norm(x), torch.cat([streams[i] for i in after], -1) if after else None

    def first_states(self, ids: Tensor, features: Tensor | None, dtype: torch.dtype) -> None:
        """A stand-alone draft reads tokens only: see FeatureDraft, in whose place it can stand."""

    def read(self, ids: Tensor, states: Tensor | None, dtype: torch.dtype) -> Tensor:
        return self.embed(ids, dtype)

    def final_norm(self, x: Tensor) -> Tensor:
        return F.rms_norm(x, (x.shape[-1],), self.norm.to(x.dtype), self.shape.rms_epsilon)

    def compile_layers(self) -> None:
        """One compilation serves all layers, since they differ only in their weights."""
        for layer in self.layers:
            layer.compile(dynamic=False)
