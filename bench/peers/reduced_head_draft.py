"""A draft of distill/ as transformers' assistant model. Its head covers a part of the vocabulary, which transformers does
not know: the missing tokens get the lowest logit there is. A checkpoint with a whole head is loaded as it is."""
import json
from pathlib import Path

import torch
from safetensors.torch import load_file
from transformers import AutoModelForCausalLM, MistralConfig, MistralForCausalLM


class ReducedHead(torch.nn.Module):
    def __init__(self, weight: torch.Tensor, token_ids: torch.Tensor, vocab_size: int):
        super().__init__()
        self.weight = torch.nn.Parameter(weight, requires_grad=False)
        self.register_buffer("token_ids", token_ids)
        self.vocab_size = vocab_size

    def forward(self, states: torch.Tensor) -> torch.Tensor:
        logits = states.new_full((*states.shape[:-1], self.vocab_size), torch.finfo(states.dtype).min)
        logits[..., self.token_ids] = states @ self.weight.T
        return logits


def load_draft(folder: str) -> torch.nn.Module:
    weights = load_file(Path(folder, "model.safetensors"))
    token_ids = weights.pop("head_token_ids", None)
    if token_ids is None:
        return AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32).eval()
    weights = {name: weight.float() for name, weight in weights.items() if not name.startswith("feature.")}
    head = weights.pop("lm_head.weight")
    shape = json.loads(Path(folder, "config.json").read_text())
    # Mistral is Llama with the sliding window that our drafts have; its tensors have the same names.
    known = ("hidden_size", "intermediate_size", "num_hidden_layers", "num_attention_heads", "num_key_value_heads",
             "head_dim", "vocab_size", "rms_norm_eps", "rope_theta", "max_position_embeddings", "sliding_window",
             "bos_token_id", "eos_token_id")
    config = MistralConfig(tie_word_embeddings=False, **{name: shape[name] for name in known if name in shape})
    model = MistralForCausalLM(config)
    model.lm_head = ReducedHead(head, token_ids.long(), shape["vocab_size"])
    missing, unexpected = model.load_state_dict(weights, strict=False)
    missing = [name for name in missing if not name.startswith("lm_head.")]
    if missing or unexpected:
        raise ValueError(f"{folder} is no draft of distill/: missing {missing}, unexpected {unexpected}")
    return model.float().eval()
