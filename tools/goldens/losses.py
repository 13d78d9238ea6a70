"""The losses over a whole global batch: dense matrices, autograd.

A row is a query: the ids of the candidates that it brings (its positive first, then hard negatives) and of all its positives.
"""

import torch
from torch.nn.functional import cross_entropy, logsigmoid


class Layout:
    def __init__(self, rows):
        self.rows = rows
        self.candidates = [candidate for row in rows for candidate in row["candidates"]]
        self.targets = []
        for row in rows:
            self.targets.append(sum(len(before["candidates"]) for before in rows[: len(self.targets)]))

    def other_positives(self):
        """[B, C]: true where a candidate is one of the query's positives, but not the one that it brought."""
        return torch.tensor([
            [column != target and candidate in row["positives"] for column, candidate in enumerate(self.candidates)]
            for row, target in zip(self.rows, self.targets)])

    def other_queries(self):
        """[B, B]: true where row b's candidate is a positive of another query."""
        return torch.tensor([
            [other != own and self.candidates[target] in row["positives"] for other, row in enumerate(self.rows)]
            for own, target in enumerate(self.targets)])


def info_nce(queries_BE, candidates_CE, log_temperature, layout, symmetric):
    scores_BC = queries_BE @ candidates_CE.T / log_temperature.exp()
    targets = torch.tensor(layout.targets)
    forth = cross_entropy(scores_BC.masked_fill(layout.other_positives(), -torch.inf), targets)
    if not symmetric:
        return forth
    back_BB = (candidates_CE[targets] @ queries_BE.T / log_temperature.exp()).masked_fill(layout.other_queries(), -torch.inf)
    return (forth + cross_entropy(back_BB, torch.arange(len(layout.rows)))) / 2


def sigmoid_loss(queries_BE, candidates_CE, log_temperature, layout, bias):
    """SigLIP (Zhai et al. 2023, arXiv 2303.15343), divided by the number of queries; pairs that do not count are left out."""
    logits_BC = queries_BE @ candidates_CE.T / log_temperature.exp() + bias
    labels_BC = -torch.ones_like(logits_BC)
    labels_BC[range(len(layout.rows)), layout.targets] = 1
    return -logsigmoid(labels_BC * logits_BC)[~layout.other_positives()].sum() / len(layout.rows)


def hits(queries_BE, candidates_CE, layout):
    """Queries whose positive scores highest among the candidates that count."""
    scores_BC = (queries_BE @ candidates_CE.T).masked_fill(layout.other_positives(), -torch.inf)
    return int((scores_BC.argmax(1) == torch.tensor(layout.targets)).sum())
