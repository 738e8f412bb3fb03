"""The steps of the recipe, one function for each; `a` is what was given on the command line."""
import json
from pathlib import Path

import torch

from .average import average
from .batches import Batches
from .chat_form import ChatForm
from .checkpoint import load_model, save_draft
from .evaluate import evaluate, table
from .feature_checkpoint import has_feature_draft, load_feature_draft, save_feature_draft
from .feature_draft import new_feature_draft
from .feature_learner import FeatureLearner
from .features import feature_layers
from .head import choose_head
from .held_out import LENGTH, LONG, answer, given_prompts, held_out_prompts, load_answers, long_prompts, save_answers
from .learner import Learner, Teacher
from .quantise import quantise_as_built
from .sample import SampleJob, sample
from .shape import Shape
from .shards import load_shards
from .start import new_draft
from .train import Plan, Training, compile_for_gpu

DEVICE = "cuda" if torch.cuda.is_available() else "cpu"
DTYPE = torch.bfloat16 if DEVICE == "cuda" else torch.float32


def run_sample(a) -> None:
    model = load_model(a.writer or a.target).to(DEVICE)
    model = model if a.writer else model.to(DTYPE)
    job = SampleJob(a.out, a.prefix, a.seconds, a.rows, a.length, a.passages_from, a.long_prompts, a.traffic)
    sample(model, ChatForm.read(a.tokenizer), job)


def run_start(a) -> None:
    if a.features:
        return _start_features(a)
    if not a.tokenizer or not a.samples:
        raise SystemExit("start needs --tokenizer and --samples, or --features and --draft")
    target, form = load_model(a.target), ChatForm.read(a.tokenizer)
    t = target.shape
    head_ids, covered = choose_head(list(load_shards(a.samples).values()), a.head, t.vocab)
    print(f"a head of {a.head} tokens covers {covered:.2%} of the answers' tokens")
    shape = Shape(
        vocab=t.vocab, head=a.head, hidden=a.hidden, layers=a.layers, heads=a.heads, kv_heads=a.heads, head_dim=t.head_dim,
        mlp=a.mlp, rope_theta=t.rope_theta, rms_epsilon=t.rms_epsilon, context=t.context, window=a.window,
    )  # fmt: skip
    save_draft(new_draft(shape, target, head_ids, seed=0), a.out, form.opening[0], form.end_of_turn)


def _start_features(a) -> None:
    if not a.draft:
        raise SystemExit("start --features needs --draft, the folder of a trained stand-alone draft")
    target = load_model(a.target).shape
    base = load_model(a.draft)
    draft = new_feature_draft(base, a.features, feature_layers(target.layers), target.hidden, a.alone, seed=0)
    save_feature_draft(draft, a.draft, a.out)


def run_train(a) -> None:
    learners = {optimiser: _learner(a, optimiser) for optimiser in a.optimiser}
    draft = next(iter(learners.values())).draft
    teacher = Teacher(load_model(a.target).to(DEVICE), draft.head_ids, DTYPE, getattr(draft, "target_layers", ()))
    batches = Batches(load_shards(a.samples), a.batch_tokens, DEVICE, a.seed)
    if DEVICE == "cuda":
        compile_for_gpu(teacher, learners)
    print(f"{batches.total / 1e6:.0f} M tokens of samples, rows a batch {batches.rows}, places {batches.wanted}", flush=True)
    plan = Plan(a.total_tokens, a.learning_rate, a.tv_first, a.tv_last)
    training = Training(teacher, learners, batches, plan, a.out)
    config = json.loads((Path(a.draft) / "config.json").read_text())
    if training.run(a.seconds):
        print("done")
    training.export(a.draft, config.get("bos_token_id"), config.get("eos_token_id"))


def _learner(a, optimiser: str) -> Learner:
    if has_feature_draft(a.draft):
        return FeatureLearner(load_feature_draft(a.draft).to(DEVICE), optimiser, DTYPE, a.self_fed)
    draft = load_model(a.draft).to(DEVICE)
    draft.embed_in_four_bits = not a.float_embedding
    return Learner(draft, optimiser, DTYPE)


def run_average(a) -> None:
    average(a.draft, a.out)


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
        for name, draft, without in _judged(path):
            draft = draft.to(DEVICE)
            if not a.float_weights:
                quantise_as_built(draft)
            results[name] = evaluate(draft, target, answers, without)
            print(f"{name}\n{table(results[name])}\n", flush=True)
    if a.out:
        Path(a.out).write_text(json.dumps(results, indent=1))


def _judged(path: str):
    """The drafts in a folder: the stand-alone one, and one that reads features, with and without them."""
    alone = load_model(path)
    if len(alone.layers) > 0:
        yield path, alone, False
    if has_feature_draft(path):
        yield f"{path} with features", load_feature_draft(path), False
        yield f"{path}, its feature draft without features", load_feature_draft(path), True
