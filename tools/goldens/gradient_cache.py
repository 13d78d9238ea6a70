"""GradCache (Gao et al. 2021, arXiv 2101.06983) over simulated ranks and chunks, and the same gradient directly."""

import torch

from losses import Layout


def direct(encode, weights, batch, loss):
    """Gradients by name of the loss over the whole batch, by one backward pass."""
    layout = Layout(batch["rows"])
    value = loss(encode(batch["queries"]), encode(batch["candidates"]), weights["logTemperature"], layout, weights.get("logitBias"))
    return value, gradients(value, weights)


def cached(encode, weights, batch, loss, chunk):
    """The same in two passes, the second one chunk by chunk, as ranks would do it that encode a chunk each and sum."""
    layout = Layout(batch["rows"])
    with torch.no_grad():
        queries, candidates = encode(batch["queries"]), encode(batch["candidates"])
    queries.requires_grad_()
    candidates.requires_grad_()
    value = loss(queries, candidates, weights["logTemperature"], layout, weights.get("logitBias"))
    of_queries, of_candidates = torch.autograd.grad(value, [queries, candidates], retain_graph=True)
    total = gradients(value, weights)  # Of the temperature and the bias: the encoder's weights are behind detached embeddings.
    for items, slopes in ((batch["queries"], of_queries), (batch["candidates"], of_candidates)):
        for first in range(0, len(items), chunk):
            part = slice(first, first + chunk)
            for name, term in gradients((encode(items[part]) * slopes[part]).sum(), weights).items():
                total[name] += term
    return value, total


def gradients(value, weights):
    found = torch.autograd.grad(value, list(weights.values()), allow_unused=True)
    return {name: torch.zeros_like(weight) if slope is None else slope for (name, weight), slope in zip(weights.items(), found)}
