"""Turns a GGUF file into a checkpoint folder of float32 weights: what onnxruntime-genai's builder takes, with the same
numbers that the other peers run. Usage: python bench/peers/float_checkpoint.py MODEL.gguf FOLDER
"""
import os
import sys

os.environ.setdefault("HF_HUB_OFFLINE", "1")
import torch
from transformers import AutoModelForCausalLM, AutoTokenizer

gguf, out = sys.argv[1:]
folder, file = os.path.split(os.path.abspath(gguf))
loaded = AutoModelForCausalLM.from_pretrained(folder, gguf_file=file, dtype=torch.float32)
weights = loaded.state_dict()
if not all(weight.dtype == torch.float32 for weight in weights.values()):
    sys.exit(f"{gguf} was not turned into float32 throughout")
config = loaded.config
# Its mark of having come from GGUF refuses to be saved.
if hasattr(config, "quantization_config"):
    del config.quantization_config
model = AutoModelForCausalLM.from_config(config, dtype=torch.float32)
model.load_state_dict(weights)
model.save_pretrained(out)
AutoTokenizer.from_pretrained(folder, gguf_file=file).save_pretrained(out)
print(f"{out}: {sum(weight.numel() for weight in model.parameters()):,} weights in float32")
