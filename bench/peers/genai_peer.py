"""Peer onnxruntime-genai for `npm run bench -- peers`; the same lines as transformers_peer.py.

The model folder is made by its own builder: python -m onnxruntime_genai.models.builder -i CHECKPOINT -o FOLDER -p int4 -e cpu
"""
import json
import sys
import time

import onnxruntime_genai as genai

folder = sys.argv[1]
model = genai.Model(folder)
print(json.dumps({"version": f"onnxruntime-genai {genai.__version__}", "modes": ["generate"]}), flush=True)

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
    print(json.dumps({"tokens": tokens, "first_ms": 1000 * ((first or end) - start), "total_ms": 1000 * (end - start)}), flush=True)
