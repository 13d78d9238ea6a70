"""A plain PyTorch trainer to stand beside JointFusion's step on one device: same encoder, loss and optimizer, noise of one shape.

Standard parts throughout: scaled_dot_product_attention, autocast for bf16, fused AdamW; no torch.compile. Takes what PeerTrainer.cs gives.
"""
import argparse
import json
import time

import torch
import torch.nn as nn
import torch.nn.functional as F


class Block(nn.Module):
    def __init__(self, width, heads, mlp):
        super().__init__()
        self.heads = heads
        self.norm1, self.norm2 = nn.LayerNorm(width), nn.LayerNorm(width)
        self.qkv, self.out = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.up, self.down = nn.Linear(width, int(mlp * width)), nn.Linear(int(mlp * width), width)

    def forward(self, x):
        n, s, w = x.shape
        q, k, v = self.qkv(self.norm1(x)).view(n, s, 3, self.heads, w // self.heads).permute(2, 0, 3, 1, 4)
        x = x + self.out(F.scaled_dot_product_attention(q, k, v).transpose(1, 2).reshape(n, s, w))
        return x + self.down(F.gelu(self.up(self.norm2(x))))


class Retriever(nn.Module):
    def __init__(self, a):
        super().__init__()
        patches = (a.image // a.patch) ** 2
        self.patch, self.token = nn.Linear(3 * a.patch**2, a.width), nn.Embedding(a.vocab, a.width)
        self.places = nn.Parameter(torch.randn(patches + a.text, a.width) * 0.02)
        self.summary = nn.Parameter(torch.zeros(1, 1, a.width))
        self.blocks = nn.ModuleList(Block(a.width, a.heads, a.mlp) for _ in range(a.depth))
        self.norm, self.project = nn.LayerNorm(a.width), nn.Linear(a.width, a.embed, bias=False)
        self.log_temperature = nn.Parameter(torch.tensor(0.07).log())

    def forward(self, patches, tokens):
        pixels = patches.float().sub_(127.5).mul_(1 / 127.5)
        x = torch.cat([self.patch(pixels), self.token(tokens)], 1) + self.places
        x = torch.cat([self.summary.expand(len(x), 1, -1).to(x.dtype), x], 1)
        for block in self.blocks:
            x = block(x)
        return F.normalize(self.project(self.norm(x).mean(1)).float(), dim=1)


def arguments():
    p = argparse.ArgumentParser()
    for name in ("vocab", "procs", "threads", "batch", "steps", "warmup", "width", "depth", "heads", "image", "patch", "text", "embed"):
        p.add_argument(f"--{name}", type=int, default=1)
    p.add_argument("--mlp", type=float)
    p.add_argument("--device", default="cpu")
    p.add_argument("--json")
    for flag in ("synthetic", "fp32", "bf16"):
        p.add_argument(f"--{flag}", action="store_true")
    return p.parse_args()


def main():
    a = arguments()
    if a.procs != 1 or not a.synthetic:
        raise SystemExit("One process, --synthetic only.")
    torch.set_num_threads(a.threads)
    model = Retriever(a).to(a.device)
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-4, fused=True)
    patches = torch.randint(0, 256, (2 * a.batch, (a.image // a.patch) ** 2, 3 * a.patch**2), dtype=torch.uint8)
    tokens = torch.randint(0, a.vocab, (2 * a.batch, a.text))
    target = torch.arange(a.batch, device=a.device)
    wait = torch.cuda.synchronize if a.device == "cuda" else lambda: None
    for step in range(a.steps):
        if step == a.warmup:
            wait()
            start = time.perf_counter()
        with torch.autocast(a.device, dtype=torch.bfloat16, enabled=a.bf16):
            embeddings = model(patches.to(a.device), tokens.to(a.device))
        logits = embeddings[: a.batch] @ embeddings[a.batch :].t() / model.log_temperature.exp()
        loss = F.cross_entropy(logits, target)
        loss.backward()
        norm = torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
        loss.item(), norm.item()  # as a trainer that logs them and refuses what is not finite
    wait()
    rate = a.batch * (a.steps - a.warmup) / (time.perf_counter() - start)
    with open(a.json, "a") as file:
        print(json.dumps({"samples_per_s": rate, "params": sum(p.numel() for p in model.parameters())}), file=file)


main()
