"""torch.optim.AdamW, clip_grad_norm_ and torch's own schedulers over a few parameters with made-up gradients."""

import torch
from torch.optim.lr_scheduler import ConstantLR, CosineAnnealingLR, LinearLR, SequentialLR

from formula import parameter, tensor

STAGE = {"learning_rate": 0.02, "weight_decay": 0.1, "clip_norm": 1.0, "steps": 12, "warmup_steps": 4, "schedule": "cosine"}
SHAPES = {"first.weight": [3, 4], "first.bias": [3], "innerNorm.weight": [3], "innerNorm.bias": [3], "last.weight": [2, 3], "scalar": []}

RULES = {
    "layer_decay": 0.5,
    "parameters": [
        {"match": "*.bias", "rate": 2},
        {"match": "tower.finalNorm.*", "frozen": True},
        {"match": "last.*", "rate": 0.3, "weight_decay": 0.5},
    ],
}

# Shape, then (times the rate, weight decay) by RULES: what leads into the two layers is three powers of 0.5 below what follows them.
GROUPED = {
    "scalar": ([], (1, 0)),
    "tower.places": ([2, 3], (0.125, 0.1)),
    "tower.layers.0.weight": ([3, 3], (0.25, 0.1)),
    "tower.layers.0.bias": ([3], (2 * 0.25, 0)),
    "tower.layers.1.weight": ([3, 3], (0.5, 0.1)),
    "tower.layers.1.bias": ([3], (2 * 0.5, 0)),
    "tower.finalNorm.weight": ([3], None),
    "tower.finalNorm.bias": ([3], (2, 0)),
    "last.weight": ([2, 3], (0.3, 0.5)),
    "last.bias": ([2], (2, 0)),
}


def scheduler(stage, optimizer):
    """Linear over the warm-up, so that its last step is the first at the full rate; then cosine towards 0, or constant."""
    warmup, rest = stage["warmup_steps"], stage["steps"] - stage["warmup_steps"]
    after = CosineAnnealingLR(optimizer, T_max=rest) if stage["schedule"] == "cosine" else ConstantLR(optimizer, factor=1)
    if warmup == 0:
        return after
    if warmup == 1:  # LinearLR would divide by 0 steps between its first and last rate.
        return SequentialLR(optimizer, [ConstantLR(optimizer, factor=1), after], milestones=[1])
    rise = LinearLR(optimizer, start_factor=1 / warmup, total_iters=warmup - 1)
    return SequentialLR(optimizer, [rise, after], milestones=[warmup])


def schedule(stage):
    """The rate of every step, from the first."""
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=stage["learning_rate"])
    following = scheduler(stage, optimizer)
    rates = []
    for _ in range(stage["steps"]):
        rates.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        following.step()
    return rates


def trajectory():
    """Two groups: matrices decay, the rest does not."""
    weights = {name: parameter(name, *shape) for name, shape in SHAPES.items()}
    groups = [
        {"params": [weight for weight in weights.values() if weight.dim() >= 2], "weight_decay": STAGE["weight_decay"]},
        {"params": [weight for weight in weights.values() if weight.dim() < 2], "weight_decay": 0},
    ]
    return {"stage": STAGE, "steps": steps(STAGE, weights, weights, groups)}


def grouped_trajectory():
    """Rules and a decay of rates by layer, worked out by hand in GROUPED; what has None is frozen."""
    weights = {name: parameter(name, *shape) for name, (shape, _) in GROUPED.items()}
    trained = {name: weights[name] for name, (_, how) in GROUPED.items() if how is not None}
    groups = [
        {"params": [weight], "lr": STAGE["learning_rate"] * GROUPED[name][1][0], "weight_decay": GROUPED[name][1][1]}
        for name, weight in trained.items()
    ]
    return {"stage": {**STAGE, **RULES}, "steps": steps(STAGE, weights, trained, groups)}


def steps(stage, weights, trained, groups):
    """Every parameter after every step. Gradients grow and shrink, so that some steps are clipped and others are not."""
    optimizer = torch.optim.AdamW(groups, lr=stage["learning_rate"], betas=(0.9, 0.98), eps=1e-8)
    following = scheduler(stage, optimizer)
    taken = []
    for step in range(1, stage["steps"] + 1):
        factor = [0.1, 2, 20][step % 3]
        for name, weight in trained.items():
            weight.grad = tensor(f"gradient {step} of {name}", *weight.shape) * factor
        norm = torch.nn.utils.clip_grad_norm_(trained.values(), stage["clip_norm"]).item()
        optimizer.step()
        following.step()
        values = {name: weight.detach().reshape(-1).tolist() for name, weight in weights.items()}
        taken.append({"gradient_factor": factor, "norm": norm, "parameters": values})
    return taken
