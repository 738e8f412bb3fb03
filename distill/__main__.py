"""python -m distill <step> …; README.md shows the whole recipe."""
import argparse

import torch

from .learner import ADAMW, MUON
from .steps import run_average, run_evaluate, run_held_out, run_sample, run_start, run_train


def main(arguments: list[str] | None = None) -> None:
    torch.set_float32_matmul_precision("high")
    torch._dynamo.config.recompile_limit = 64
    chosen = parser().parse_args(arguments)
    chosen.run(chosen)


def parser() -> argparse.ArgumentParser:
    top = argparse.ArgumentParser(prog="python -m distill")
    steps = top.add_subparsers(required=True)

    def step(name: str, run, text: str):
        p = steps.add_parser(name, help=text, formatter_class=argparse.ArgumentDefaultsHelpFormatter)
        p.set_defaults(run=run)
        p.add_argument("--target", required=True, help="hub folder or GGUF file")
        return p

    p = step("sample", run_sample, "sample training rows from the target")
    p.add_argument("--tokenizer", required=True, help="folder with tokenizer.json and the chat template")
    p.add_argument("--out", required=True)
    p.add_argument("--prefix", default="chat", help="name of the shards; a second run with it adds more")
    p.add_argument("--seconds", type=float, default=120)
    p.add_argument("--rows", type=int, default=2048)
    p.add_argument("--length", type=int, default=512)
    p.add_argument("--passages-from", help="folder of earlier samples, to cut passages from")
    p.add_argument("--long-prompts", action="store_true", help="only prompts about long documents")
    p.add_argument("--traffic", help="the gateway's distill log: take the prompts from there")
    p.add_argument("--writer", help="a draft that writes the rows instead of the target: an on-policy round")

    p = step("start", run_start, "make a new draft with a reduced head, or give a draft layers that read features")
    p.add_argument("--tokenizer")
    p.add_argument("--samples")
    p.add_argument("--features", type=int, default=0, help="add this many layers that read features to --draft")
    p.add_argument("--draft", help="folder of the trained stand-alone draft, for --features")
    p.add_argument("--no-alone", dest="alone", action="store_false",
                   help="the new layers take the place of the draft's own; its embedding and head learn with them")
    p.add_argument("--out", required=True)
    for name, value in (("layers", 4), ("hidden", 320), ("heads", 5), ("mlp", 896), ("head", 16_384), ("window", 400)):
        p.add_argument(f"--{name}", type=int, default=value)

    p = step("train", run_train, "train a draft on sampled rows; in a folder with layers that read features, those")
    p.add_argument("--draft", required=True, help="folder of the draft to begin with")
    p.add_argument("--samples", required=True)
    p.add_argument("--out", required=True, help="checkpoint, and a folder for each optimiser")
    p.add_argument("--seconds", type=float, default=300)
    p.add_argument("--total-tokens", type=float, default=400e6)
    p.add_argument("--batch-tokens", type=int, default=65_536)
    p.add_argument("--learning-rate", type=float, default=1.5e-3)
    p.add_argument("--tv-first", type=float, default=0.2)
    p.add_argument("--tv-last", type=float, default=0.9)
    p.add_argument("--optimiser", nargs="+", choices=(MUON, ADAMW), default=[MUON])
    p.add_argument("--float-embedding", action="store_true", help="do not train for a 4-bit embedding")
    p.add_argument("--seed", type=int, default=0, help="of the order of the data")
    p.add_argument("--self-fed", type=int, default=3, help="steps that a feature draft takes on its own states in training")

    p = steps.add_parser("average", help="write the mean of drafts that were trained from the same start")
    p.set_defaults(run=run_average)
    p.add_argument("--draft", required=True, nargs="+")
    p.add_argument("--out", required=True)

    p = step("held-out", run_held_out, "let the target answer held-out prompts")
    p.add_argument("--tokenizer", required=True)
    p.add_argument("--out", required=True)
    p.add_argument("--per-family", type=int, default=40)
    p.add_argument("--prompts", help="JSON file {family: [prompt, …]} instead of the recipe's own")

    p = step("evaluate", run_evaluate, "judge drafts on held-out answers")
    p.add_argument("--answers", required=True)
    p.add_argument("--draft", required=True, nargs="+")
    p.add_argument("--float-weights", action="store_true", help="not rounded as `outrider build` rounds them")
    p.add_argument("--out", help="JSON file for the results")
    return top


if __name__ == "__main__":
    main()
