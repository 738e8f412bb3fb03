"""Peers of Hugging Face transformers for `npm run bench -- peers`: generate, prompt lookup and assisted generation.

Answers one JSON line {"mode", "tokens", "max_tokens"} on stdin with one on stdout: {"tokens", "first_ms", "total_ms"}.
The first line it prints names its version, the form in which it holds the weights, and the modes it can do.
Usage: transformers_peer.py MODEL (a GGUF file or a checkpoint folder) ASSISTANT (a checkpoint folder, or nothing) THREADS
"""
import json
import os
import sys
import time

os.environ.setdefault("HF_HUB_OFFLINE", "1")
import torch
import transformers
from reduced_head_draft import load_draft
from transformers import AutoModelForCausalLM
from transformers.generation.streamers import BaseStreamer

model_file, assistant_folder, threads = sys.argv[1], sys.argv[2], int(sys.argv[3])
torch.set_num_threads(threads)
transformers.logging.set_verbosity_error()


def load(path):
    folder, file = os.path.split(path)
    source = {"gguf_file": file} if path.endswith(".gguf") else {}
    model = AutoModelForCausalLM.from_pretrained(folder if source else path, dtype=torch.float32, **source)
    return model.eval()


class FirstToken(BaseStreamer):
    """Notes when the first new tokens come; the prompt is put first."""

    def __init__(self):
        self.puts, self.at = 0, None

    def put(self, value):
        self.puts += 1
        if self.puts == 2:
            self.at = time.perf_counter()

    def end(self):
        pass


model = load(model_file)
modes = {"generate": {}, "prompt lookup": {"prompt_lookup_num_tokens": 10}}
if assistant_folder:
    modes["assisted generation"] = {"assistant_model": load_draft(assistant_folder)}
version = f"transformers {transformers.__version__}, torch {torch.__version__}"
print(json.dumps({"version": version, "form": "float32", "modes": list(modes)}), flush=True)

for line in sys.stdin:
    request = json.loads(line)
    prompt = torch.tensor([request["tokens"]])
    streamer = FirstToken()
    start = time.perf_counter()
    with torch.inference_mode():
        output = model.generate(
            prompt,
            attention_mask=torch.ones_like(prompt),
            max_new_tokens=request["max_tokens"],
            do_sample=False,
            streamer=streamer,
            **modes[request["mode"]],
        )
    end = time.perf_counter()
    answer = {
        "tokens": output[0, prompt.shape[1] :].tolist(),
        "first_ms": 1000 * ((streamer.at or end) - start),
        "total_ms": 1000 * (end - start),
    }
    print(json.dumps(answer), flush=True)
