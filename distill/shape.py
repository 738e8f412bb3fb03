"""The numbers that define a Llama model here: a target as it comes, or a draft as it is to be."""
from dataclasses import asdict, dataclass


@dataclass(frozen=True)
class Shape:
    vocab: int
    head: int  # rows of the head; fewer than vocab for a draft with a reduced head
    hidden: int
    layers: int
    heads: int
    kv_heads: int
    head_dim: int
    mlp: int
    rope_theta: float = 10_000.0
    rms_epsilon: float = 1e-5
    context: int = 2048
    window: int | None = None  # positions that attention looks back on; None is all
    tied: bool = False  # the head is the embedding

    def __post_init__(self):
        if self.heads % self.kv_heads:
            raise ValueError(f"{self.heads} heads cannot share {self.kv_heads} KV heads evenly")
        if self.head > self.vocab:
            raise ValueError(f"a head of {self.head} rows is larger than the vocabulary of {self.vocab}")

    @classmethod
    def from_hub(cls, config: dict) -> "Shape":
        """From a config.json of the hub's form; raises ValueError for what the graph builder refuses too."""
        if config.get("model_type") != "llama" or config.get("rope_scaling"):
            raise ValueError("only Llama checkpoints without RoPE scaling can be distilled")
        hidden, heads, vocab = config["hidden_size"], config["num_attention_heads"], config["vocab_size"]
        return cls(
            vocab=vocab, head=config.get("head_size", vocab), hidden=hidden, layers=config["num_hidden_layers"],
            heads=heads, kv_heads=config.get("num_key_value_heads", heads), head_dim=config.get("head_dim") or hidden // heads,
            mlp=config["intermediate_size"], rope_theta=_theta(config), rms_epsilon=config.get("rms_norm_eps", 1e-5),
            context=config["max_position_embeddings"], window=config.get("sliding_window"),
            tied=config.get("tie_word_embeddings", False),
        )

    def to_hub(self, bos: int | None, eos: int | list[int] | None) -> dict:
        return {
            "architectures": ["LlamaForCausalLM"], "model_type": "llama", "hidden_size": self.hidden,
            "intermediate_size": self.mlp, "num_hidden_layers": self.layers, "num_attention_heads": self.heads,
            "num_key_value_heads": self.kv_heads, "head_dim": self.head_dim, "vocab_size": self.vocab,
            "head_size": self.head, "rms_norm_eps": self.rms_epsilon, "rope_theta": self.rope_theta,
            "max_position_embeddings": self.context, "hidden_act": "silu", "tie_word_embeddings": self.tied,
            "bos_token_id": bos, "eos_token_id": eos, "dtype": "float16", "sliding_window": self.window,
        }

    def to_dict(self) -> dict:
        return asdict(self)


def _theta(config: dict) -> float:
    return config.get("rope_theta") or config.get("rope_parameters", {}).get("rope_theta", 10_000.0)
