"""Peer onnxruntime-genai for `npm run bench -- peers`; the same lines as transformers_peer.py.

The model folder is made by its own builder from the checkpoint that float_checkpoint.py makes:
python -m onnxruntime_genai.models.builder -i CHECKPOINT -o FOLDER -p int4 -e cpu
Usage: genai_peer.py FOLDER THREADS
"""
import json
import sys
import time
from importlib.metadata import version
from pathlib import Path

import onnxruntime_genai as genai


def form(folder):
    """How the weights are stored, as the graph itself says."""
    try:
        import onnx
    except ImportError:
        return "unknown form (python package onnx is missing)"
    graph = onnx.load(Path(folder, "model.onnx"), load_external_data=False).graph
    found = set()
    for node in graph.node:
        values = {each.name: each.i for each in node.attribute}
        if node.op_type == "MatMulNBits":
            computed = " computed in int8" if values.get("accuracy_level") == 4 else ""
            found.add(f"int{values['bits']} in blocks of {values['block_size']}{computed}")
    return " and ".join(sorted(found)) or "float"


folder, threads = sys.argv[1], int(sys.argv[2])
config = genai.Config(folder)
config.overlay(json.dumps({"model": {"decoder": {"session_options": {"intra_op_num_threads": threads}}}}))
model = genai.Model(config)
versions = f"onnxruntime-genai {genai.__version__}, onnxruntime {version('onnxruntime')}"
print(json.dumps({"version": versions, "form": form(folder), "modes": ["generate"]}), flush=True)

for line in sys.stdin:
    request = json.loads(line)
    prompt = request["tokens"]
    start = time.perf_counter()
    params = genai.GeneratorParams(model)
    params.set_search_options(max_length=len(prompt) + request["max_tokens"], do_sample=False)
    generator = genai.Generator(model, params)
    generator.append_tokens(prompt)
    tokens, first = [], None
    while not generator.is_done():
        generator.generate_next_token()
        tokens.append(int(generator.get_next_tokens()[0]))
        first = first or time.perf_counter()
    end = time.perf_counter()
    answer = {"tokens": tokens, "first_ms": 1000 * ((first or end) - start), "total_ms": 1000 * (end - start)}
    print(json.dumps(answer), flush=True)
