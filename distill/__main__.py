"""python -m distill <step> …; README.md shows the whole recipe."""
import argparse
import json
from pathlib import Path

import torch

from .batches import Batches
from .chat_form import ChatForm
from .checkpoint import load_model, save_draft
from .evaluate import evaluate, table
from .head import choose_head
from .held_out import LENGTH, LONG, answer, given_prompts, held_out_prompts, load_answers, long_prompts, save_answers
from .learner import ADAMW, MUON, Learner, Teacher
from .quantise import quantise_as_built
from .sample import SampleJob, sample
from .shape import Shape
from .shards import load_shards
from .start import new_draft
from .train import Plan, Training

DEVICE = "cuda" if torch.cuda.is_available() else "cpu"
DTYPE = torch.bfloat16 if DEVICE == "cuda" else torch.float32


def main() -> None:
    torch.set_float32_matmul_precision("high")
    torch._dynamo.config.recompile_limit = 64
    arguments = parser().parse_args()
    arguments.run(arguments)


def run_sample(a) -> None:
    model = load_model(a.writer or a.target).to(DEVICE)
    model = model if a.writer else model.to(DTYPE)
    job = SampleJob(a.out, a.prefix, a.seconds, a.rows, a.length, a.passages_from, a.long_prompts)
    sample(model, ChatForm.read(a.tokenizer), job)


def run_start(a) -> None:
    target, form = load_model(a.target), ChatForm.read(a.tokenizer)
    t = target.shape
    head_ids, covered = choose_head(list(load_shards(a.samples).values()), a.head, t.vocab)
    print(f"a head of {a.head} tokens covers {covered:.2%} of the answers' tokens")
    shape = Shape(
        vocab=t.vocab, head=a.head, hidden=a.hidden, layers=a.layers, heads=a.heads, kv_heads=a.heads, head_dim=t.head_dim,
        mlp=a.mlp, rope_theta=t.rope_theta, rms_epsilon=t.rms_epsilon, context=t.context, window=a.window,
    )  # fmt: skip
    save_draft(new_draft(shape, target, head_ids, seed=0), a.out, form.to_user[2] if len(form.to_user) > 2 else None, form.end_of_turn)


def run_train(a) -> None:
    learners = {}
    for optimiser in a.optimiser:
        draft = load_model(a.draft).to(DEVICE)
        draft.embed_in_four_bits = not a.float_embedding
        learners[optimiser] = Learner(draft, optimiser, DTYPE)
    teacher = Teacher(load_model(a.target).to(DEVICE), draft.head_ids, DTYPE)
    batches = Batches(load_shards(a.samples), a.batch_tokens, DEVICE, seed=0)
    if DEVICE == "cuda":
        compile_all(teacher, learners)
    print(f"{batches.total / 1e6:.0f} M tokens of samples, rows a batch {batches.rows}, places {batches.wanted}", flush=True)
    plan = Plan(a.total_tokens, a.learning_rate, a.tv_first, a.tv_last)
    training = Training(teacher, learners, batches, plan, a.out)
    config = json.loads((Path(a.draft) / "config.json").read_text())
    if training.run(a.seconds):
        print("done")
    training.export(config.get("bos_token_id"), config.get("eos_token_id"))


def compile_all(teacher: Teacher, learners: dict[str, Learner]) -> None:
    from . import loss

    loss.rows_loss = torch.compile(loss.rows_loss, dynamic=False)
    teacher.target.compile_layers()
    for learner in learners.values():
        learner.draft.compile_layers()


def run_held_out(a) -> None:
    target, form = load_model(a.target).to(DEVICE, DTYPE), ChatForm.read(a.tokenizer)
    if a.prompts:
        answers = answer(target, form, given_prompts(form, json.loads(Path(a.prompts).read_text())))
    else:
        answers = answer(target, form, held_out_prompts(form, a.per_family), LENGTH)
        answers += answer(target, form, long_prompts(form, max(1, a.per_family // 2)), LONG)
    save_answers(answers, a.out)
    print(f"{len(answers)} answers, {sum(len(x.tokens) - x.prompt_length for x in answers)} tokens")


def run_evaluate(a) -> None:
    torch.set_float32_matmul_precision("highest")
    target, answers = load_model(a.target).to(DEVICE), load_answers(a.answers)
    results = {}
    for path in a.draft:
        draft = load_model(path).to(DEVICE)
        if not a.float_weights:
            quantise_as_built(draft)
        results[path] = evaluate(draft, target, answers)
        print(f"{path}\n{table(results[path])}\n", flush=True)
    if a.out:
        Path(a.out).write_text(json.dumps(results, indent=1))


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
    p.add_argument("--writer", help="a draft that writes the rows instead of the target: an on-policy round")

    p = step("start", run_start, "make a new draft with a reduced head")
    p.add_argument("--tokenizer", required=True)
    p.add_argument("--samples", required=True)
    p.add_argument("--out", required=True)
    for name, value in (("layers", 4), ("hidden", 320), ("heads", 5), ("mlp", 896), ("head", 16_384), ("window", 400)):
        p.add_argument(f"--{name}", type=int, default=value)

    p = step("train", run_train, "train a draft on sampled rows")
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
