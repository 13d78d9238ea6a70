"""Writes the golden values that tests/JointFusion.Numerics.Tests reads. See README.md."""

import json
import pathlib

import torch

import gradient_cache
import optimizer
from encoders import Encoder, parameters
from formula import integers, tensor
from losses import Layout, hits, info_nce, sigmoid_loss

TARGET = pathlib.Path(__file__).resolve().parents[2] / "tests/JointFusion.Numerics.Tests/Goldens"
TEMPERATURE = 0.2
LOGIT_BIAS = -1.5

COMMON = {"embedding_width": 5, "patch_size": 2, "patches_per_image": 4, "vocabulary_size": 9, "max_text_tokens": 6}
SIX = {"layers": 1, "width": 6, "heads": 2, "mlp_width": 8}
FOUR = {"layers": 2, "width": 4, "heads": 2, "mlp_width": 6}
SHAPES = {
    "early": {"fusion": "early", **COMMON, "joint": FOUR},
    "early from block 1": {"fusion": "early", "fusion_layer": 1, **COMMON, "joint": FOUR},
    "isolated": {"fusion": "isolated", **COMMON, "joint": FOUR},
    "early by its summary": {"fusion": "early", **COMMON, "joint": FOUR, "pooling": "summary"},
    "isolated, causal, by the last": {"fusion": "isolated", **COMMON, "joint": FOUR, "attention": "causal", "pooling": "last"},
    "score": {"fusion": "score", **COMMON, "image_tower": SIX, "text_tower": FOUR},
    "score with weights": {"fusion": "score", **COMMON, "image_tower": SIX, "text_tower": FOUR, "modality_weights": "learned", "attention": "causal"},
    "feature by mlp": {"fusion": "feature", **COMMON, "image_tower": SIX, "text_tower": FOUR, "feature_mixer": "mlp"},
    "feature gated": {"fusion": "feature", **COMMON, "image_tower": SIX, "text_tower": FOUR, "feature_mixer": "gated", "pooling": "summary"},
    "feature": {"fusion": "feature", **COMMON, "image_tower": SIX, "text_tower": FOUR, "fusion_tower": {**FOUR, "layers": 1}},
}

# Of each item: how many tokens, how many patches. Ragged, so that the encoders under test have to pad and mask.
BATCHES = {"text": [(1, 0), (6, 0), (3, 0)], "image": [(0, 4), (0, 1)], "both": [(2, 4), (5, 1), (6, 3)]}

# Ids of what each query brings, its positive first, and of all its positives.
ROWS = {
    "plain": [([10], [10]), ([11], [11]), ([12], [12]), ([13], [13])],
    # Row 0's candidate stands again in row 2; row 3's candidate is a second positive of row 1.
    "repeated": [([10], [10]), ([11], [11, 13]), ([10], [10]), ([13], [13])],
    # Row 1 brings row 0's positive as a hard negative, row 3 a candidate that row 0 brings too; row 2 brings none.
    "hard": [([10, 20, 21], [10]), ([11, 10], [11]), ([12], [12, 11]), ([13, 20], [13]), ([10], [10])],
}


def rows(name):
    return [{"candidates": candidates, "positives": positives} for candidates, positives in ROWS[name]]


def items(name, sizes):
    patch_bytes = 3 * COMMON["patch_size"] ** 2
    return [{
        "tokens": integers(f"tokens {i} of {name}", tokens, COMMON["vocabulary_size"]),
        "patches": [integers(f"patch {p} of item {i} of {name}", patch_bytes, 256) for p in range(patches)],
    } for i, (tokens, patches) in enumerate(sizes)]


def flat(slopes):
    return {name: slope.reshape(-1).tolist() for name, slope in slopes.items()}


def loss_case(name, loss):
    """A loss and its gradients on free unit vectors."""
    layout = Layout(rows(name))
    queries = torch.nn.functional.normalize(tensor("queries of " + name, len(layout.rows), 4)).requires_grad_()
    candidates = torch.nn.functional.normalize(tensor("candidates of " + name, len(layout.candidates), 4)).requires_grad_()
    log_temperature = torch.tensor(TEMPERATURE, dtype=torch.float64).log().requires_grad_()
    bias = torch.tensor(LOGIT_BIAS, requires_grad=True)
    value = loss(queries, candidates, log_temperature, layout, bias)
    of_queries, of_candidates, of_temperature = torch.autograd.grad(value, [queries, candidates, log_temperature], retain_graph=True)
    of_bias, = torch.autograd.grad(value, [bias], allow_unused=True)
    return {
        "rows": layout.rows, "temperature": TEMPERATURE, "logit_bias": LOGIT_BIAS, "queries": queries.tolist(), "candidates": candidates.tolist(),
        "loss": value.item(), "hits": hits(queries, candidates, layout), "masked": int(layout.other_positives().sum()),
        "query_gradients": of_queries.tolist(), "candidate_gradients": of_candidates.tolist(), "log_temperature_gradient": of_temperature.item(),
        "logit_bias_gradient": 0 if of_bias is None else of_bias.item(),
    }


def encoder_case(fusion, batch):
    """Embeddings, and the gradients of their sum weighted by the formula."""
    shape, contents = SHAPES[fusion], items(batch, BATCHES[batch])
    weights = parameters(shape, TEMPERATURE)
    embeddings = Encoder(shape, weights)(contents)
    slopes = gradient_cache.gradients((embeddings * tensor("direction", *embeddings.shape)).sum(), weights)
    return {"name": f"{fusion}, {batch}", "shape": shape, "items": contents, "embeddings": embeddings.tolist(), "gradients": flat(slopes)}


def softmax(symmetric):
    return lambda queries, candidates, log_temperature, layout, bias: info_nce(queries, candidates, log_temperature, layout, symmetric)


def cache_case(fusion, name, loss):
    """The gradient of a loss over a whole batch; that a gradient cache gives the same is checked here as well."""
    shape, layout = SHAPES[fusion], Layout(rows("hard"))
    batch = {
        "rows": layout.rows,
        "queries": items("cache queries", [(3, 0), (0, 4), (2, 3), (1, 4), (6, 0)]),
        "candidates": items("cache candidates", [((2 * i) % 5, i % 4 + (i % 5 == 0)) for i in range(len(layout.candidates))]),
    }
    weights = parameters(shape, TEMPERATURE)
    if loss is sigmoid_loss:
        weights["logitBias"] = torch.tensor(LOGIT_BIAS, requires_grad=True)
    value, expected = gradient_cache.direct(Encoder(shape, weights), weights, batch, loss)
    for chunk in (1, 2, 3):
        _, found = gradient_cache.cached(Encoder(shape, weights), weights, batch, loss, chunk)
        assert all(torch.allclose(found[name], expected[name], rtol=0, atol=1e-13) for name in expected)
    return {
        "name": f"{fusion}, {name}", "shape": shape, "loss_name": name, "temperature": TEMPERATURE, "logit_bias": LOGIT_BIAS,
        **batch, "loss": value.item(), "gradients": flat(expected),
    }


def schedules():
    stages = [
        {"learning_rate": 0.003, "steps": steps, "warmup_steps": warmup, "schedule": kind}
        for kind in ("cosine", "constant") for steps, warmup in ((7, 0), (7, 1), (12, 5), (3, 2))
    ]
    return [{"stage": stage, "rates": optimizer.schedule(stage)} for stage in stages]


def write(name, value):
    path = TARGET / f"{name}.json"
    path.write_text(json.dumps(value, separators=(",", ":")).replace('},{"', '},\n{"') + "\n")
    print(f"{path.stat().st_size:8,d}  {path.name}")


def main():
    torch.set_default_dtype(torch.float64)
    torch.set_num_threads(1)
    TARGET.mkdir(exist_ok=True)
    losses = {"softmax": softmax(symmetric=False), "symmetric": softmax(symmetric=True), "sigmoid": sigmoid_loss}
    write("losses", [{"name": f"{name}, {batch}", "loss_name": name, **loss_case(batch, loss)} for batch in ROWS for name, loss in losses.items()])
    write("encoders", [encoder_case(fusion, batch) for fusion in SHAPES for batch in BATCHES])
    cases = [("early", "softmax"), ("isolated", "symmetric"), ("early from block 1", "softmax"), ("score with weights", "softmax"), ("score", "symmetric"), ("early", "sigmoid"), ("feature", "symmetric")]
    write("gradient-cache", [cache_case(fusion, name, losses[name]) for fusion, name in cases])
    write("adamw", optimizer.trajectory())
    write("adamw-groups", optimizer.grouped_trajectory())
    write("schedules", schedules())


if __name__ == "__main__":
    main()
