"""Numbers that both implementations make for themselves, so that no file has to carry them."""

import torch

MASK = 0xFFFFFFFF


def unit(name, index):
    """Uniform in [-0.5, 0.5), exact in float64: MurmurHash3's finalizer over the FNV-1a hash of the name and the index."""
    x = 0x811C9DC5
    for byte in name.encode():
        x = (x ^ byte) * 0x01000193 & MASK
    x ^= index * 0x9E3779B9 & MASK
    x = (x ^ x >> 16) * 0x85EBCA6B & MASK
    x = (x ^ x >> 13) * 0xC2B2AE35 & MASK
    return (x ^ x >> 16) / 2**32 - 0.5


def tensor(name, *shape):
    """Row by row."""
    count = 1
    for size in shape:
        count *= size
    return torch.tensor([unit(name, i) for i in range(count)], dtype=torch.float64).reshape(shape)


def parameter(name, *shape):
    """A leaf with a gradient; weights of norms lie about 1."""
    values = tensor(name, *shape)
    return (1 + values / 2 if name.endswith("Norm.weight") else values).requires_grad_()


def integers(name, count, below):
    return [int((unit(name, i) + 0.5) * below) for i in range(count)]
