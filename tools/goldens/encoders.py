"""The three encoders, one item at a time: no batch, no padding, no mask, attention written out.

A retriever is a dictionary of parameters under the names that JointFusion's checkpoints use. W is a tower's width, S a sequence's
length, K a head's width, E the embedding's.
"""

import math

import torch

from formula import parameter

LAYER_NORM_EPSILON = 1e-5


def parameters(shape, temperature):
    """All parameters of a retriever, by name, in the values of the formula; the temperature as given."""
    made = {"logTemperature": torch.tensor(math.log(temperature), dtype=torch.float64, requires_grad=True)}

    def add(name, *sizes):
        made["encoder." + name] = parameter("encoder." + name, *sizes)

    def linear(name, inputs, outputs, bias=True):
        add(name + ".weight", outputs, inputs)
        if bias:
            add(name + ".bias", outputs)

    def norm(name, width):
        add(name + ".weight", width)
        add(name + ".bias", width)

    def image_input(width):
        linear("patches.project", 3 * shape["patch_size"] ** 2, width)
        add("patches.places_PW", shape["patches_per_image"], width)

    def text_input(width):
        add("text.table_VW.weight", shape["vocabulary_size"], width)
        add("text.places_TW", shape["max_text_tokens"], width)

    def tower(name, of):
        width = of["width"]
        add(name + ".summary_11W", 1, 1, width)
        for layer in range(of["layers"]):
            block = f"{name}.blocks.{layer}"
            norm(block + ".attentionNorm", width)
            linear(block + ".queryKeyValue", width, 3 * width)
            linear(block + ".attentionOut", width, width)
            norm(block + ".mlpNorm", width)
            linear(block + ".up", width, of["mlp_width"])
            linear(block + ".down", of["mlp_width"], width)
        norm(name + ".finalNorm", width)

    embedding = shape["embedding_width"]
    if shape["fusion"] == "early":
        joint = shape["joint"]
        image_input(joint["width"])
        text_input(joint["width"])
        tower("tower", joint)
        linear("project", joint["width"], embedding, bias=False)
        return made

    image, text = shape["image_tower"], shape["text_tower"]
    image_input(image["width"])
    tower("imageTower", image)
    text_input(text["width"])
    tower("textTower", text)
    if shape["fusion"] == "score":
        linear("fusion.projectImage", image["width"], embedding, bias=False)
        linear("fusion.projectText", text["width"], embedding, bias=False)
        return made

    fusion = shape["fusion_tower"]
    linear("fusion.fromImage", image["width"], fusion["width"])
    linear("fusion.fromText", text["width"], fusion["width"])
    add("fusion.modalities_2W", 2, fusion["width"])
    tower("fusion.tower", fusion)
    linear("fusion.project", fusion["width"], embedding, bias=False)
    return made


class Encoder:
    """Normalised embeddings of items: dictionaries with tokens (ids) and patches (lists of 3 * P * P bytes), either of them empty."""

    def __init__(self, shape, weights):
        self.shape = shape
        self.weights = weights

    def __call__(self, items):
        embeddings = [self.embed(item) for item in items]
        return torch.stack([embedding / embedding.square().sum().sqrt() for embedding in embeddings])

    def embed(self, item):
        image = self.image_input(item["patches"]) if item["patches"] else None
        text = self.text_input(item["tokens"]) if item["tokens"] else None
        if self.shape["fusion"] == "early":
            parts = [part for part in (image, text) if part is not None]
            return self.linear("project", self.tower("tower", self.shape["joint"], torch.cat(parts)).mean(0))

        image = None if image is None else self.tower("imageTower", self.shape["image_tower"], image)
        text = None if text is None else self.tower("textTower", self.shape["text_tower"], text)
        if self.shape["fusion"] == "score":
            parts = [("fusion.projectImage", image), ("fusion.projectText", text)]
            return sum(self.linear(name, part.mean(0)) for name, part in parts if part is not None)

        modalities = self.weight("fusion.modalities_2W")
        parts = [("fusion.fromImage", image, modalities[0]), ("fusion.fromText", text, modalities[1])]
        sequence = torch.cat([self.linear(name, part) + modality for name, part, modality in parts if part is not None])
        return self.linear("fusion.project", self.tower("fusion.tower", self.shape["fusion_tower"], sequence).mean(0))

    def image_input(self, patches):
        pixels = torch.tensor(patches, dtype=torch.float64) / 255
        return self.linear("patches.project", (pixels - 0.5) / 0.5) + self.weight("patches.places_PW")[: len(patches)]

    def text_input(self, tokens):
        return self.weight("text.table_VW.weight")[tokens] + self.weight("text.places_TW")[: len(tokens)]

    def tower(self, name, of, inputs_SW):
        """[1 + S, W]: the summary token's output first."""
        stream = torch.cat([self.weight(name + ".summary_11W")[0], inputs_SW])
        for layer in range(of["layers"]):
            block = f"{name}.blocks.{layer}"
            stream = stream + self.attention(block, of["heads"], self.norm(block + ".attentionNorm", stream))
            hidden = self.linear(block + ".up", self.norm(block + ".mlpNorm", stream))
            hidden = 0.5 * hidden * (1 + torch.erf(hidden / math.sqrt(2)))
            stream = stream + self.linear(block + ".down", hidden)
        return self.norm(name + ".finalNorm", stream)

    def attention(self, block, heads, normed_SW):
        width = normed_SW.shape[1]
        head = width // heads
        queries, keys, values = self.linear(block + ".queryKeyValue", normed_SW).split(width, dim=1)
        mixed = []
        for first in range(0, width, head):
            part = slice(first, first + head)
            scores_SS = queries[:, part] @ keys[:, part].T / math.sqrt(head)
            mixed.append(torch.softmax(scores_SS, dim=1) @ values[:, part])
        return self.linear(block + ".attentionOut", torch.cat(mixed, dim=1))

    def norm(self, name, stream):
        centred = stream - stream.mean(1, keepdim=True)
        deviation = (centred.square().mean(1, keepdim=True) + LAYER_NORM_EPSILON).sqrt()
        return centred / deviation * self.weight(name + ".weight") + self.weight(name + ".bias")

    def linear(self, name, inputs):
        outputs = inputs @ self.weight(name + ".weight").T
        bias = self.weights.get(f"encoder.{name}.bias")
        return outputs if bias is None else outputs + bias

    def weight(self, name):
        return self.weights["encoder." + name]
