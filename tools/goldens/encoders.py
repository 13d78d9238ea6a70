"""The encoders, one item at a time: no batch, no padding, no mask, attention written out.

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
    if shape["fusion"] in ("early", "isolated"):
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
        if shape.get("modality_weights") == "learned":
            add("fusion.weights.logImage")
            add("fusion.weights.logText")
        return made

    mixer = shape.get("feature_mixer", "transformer")
    if mixer != "transformer":
        linear("fusion.projectImage", image["width"], embedding, bias=False)
        linear("fusion.projectText", text["width"], embedding, bias=False)
        linear("fusion.both", image["width"] + text["width"], image["mlp_width"] if mixer == "mlp" else embedding)
        if mixer == "mlp":
            linear("fusion.down", image["mlp_width"], embedding, bias=False)
        return made

    fusion = shape["fusion_tower"]
    linear("fusion.fromImage", image["width"], fusion["width"])
    linear("fusion.fromText", text["width"], fusion["width"])
    add("fusion.modalities_2W", 2, fusion["width"])
    tower("fusion.tower", fusion)
    linear("fusion.project", fusion["width"], embedding, bias=False)
    return made


def gelu(x):
    return 0.5 * x * (1 + torch.erf(x / math.sqrt(2)))


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
        if self.shape["fusion"] in ("early", "isolated"):
            parts = [part for part in (image, text) if part is not None]
            return self.linear("project", self.one_tower(parts))

        image = None if image is None else self.tower("imageTower", self.shape["image_tower"], image)
        text = None if text is None else self.tower("textTower", self.shape["text_tower"], text)
        if self.shape["fusion"] == "score":
            parts = [("fusion.projectImage", "fusion.weights.logImage", image), ("fusion.projectText", "fusion.weights.logText", text)]
            weigh = self.shape.get("modality_weights") == "learned" and image is not None and text is not None
            return sum(self.linear(name, self.pool(part)) * (self.weight(weight).exp() if weigh else 1) for name, weight, part in parts if part is not None)
        if "fusion_tower" not in self.shape:
            return self.mix(None if image is None else self.pool(image), None if text is None else self.pool(text))

        modalities = self.weight("fusion.modalities_2W")
        parts = [("fusion.fromImage", image, modalities[0]), ("fusion.fromText", text, modalities[1])]
        sequence = torch.cat([self.linear(name, part) + modality for name, part, modality in parts if part is not None])
        return self.linear("fusion.project", self.pool(self.tower("fusion.tower", self.shape["fusion_tower"], sequence)))

    def mix(self, image, text):
        """[E] of one state of each tower, either of them None."""
        widths = self.shape["image_tower"]["width"], self.shape["text_tower"]["width"]
        x, y = (torch.zeros(width) if state is None else state for state, width in zip((image, text), widths))
        px, py = self.linear("fusion.projectImage", x), self.linear("fusion.projectText", y)
        mixed = self.linear("fusion.both", torch.cat([x, y]))
        if self.shape["feature_mixer"] == "mlp":
            return px + py + self.linear("fusion.down", gelu(mixed))
        gate = 0 if image is None else 1 if text is None else torch.sigmoid(mixed)
        return gate * px + (1 - gate) * py

    def pool(self, states_SW):
        kind = self.shape.get("pooling", "mean")
        return states_SW.mean(0) if kind == "mean" else states_SW[0 if kind == "summary" else -1]

    def image_input(self, patches):
        pixels = torch.tensor(patches, dtype=torch.float64) / 255
        return self.linear("patches.project", (pixels - 0.5) / 0.5) + self.weight("patches.places_PW")[: len(patches)]

    def text_input(self, tokens):
        return self.weight("text.table_VW.weight")[tokens] + self.weight("text.places_TW")[: len(tokens)]

    def tower(self, name, of, inputs_SW):
        """[1 + S, W]: the summary token's output first."""
        stream = self.blocks(name, of, range(of["layers"]), torch.cat([self.weight(name + ".summary_11W")[0], inputs_SW]))
        return self.norm(name + ".finalNorm", stream)

    def one_tower(self, parts):
        """[W] of an item of one or two parts, which in the first blocks are hidden from each other by a mask, each with its own summary."""
        of, summary = self.shape["joint"], self.weight("tower.summary_11W")[0]
        never = self.shape["fusion"] == "isolated"
        first = of["layers"] if never else self.shape.get("fusion_layer", 0)
        part_of = torch.cat([torch.full((1 + len(part),), i) for i, part in enumerate(parts)])
        stream = torch.cat([row for part in parts for row in (summary, part)])
        stream = self.blocks("tower", of, range(first), stream, part_of[:, None] == part_of[None, :])
        stretches = [stream[part_of == i] for i in range(len(parts))]
        if never:
            return sum(self.pool(self.norm("tower.finalNorm", stretch)) for stretch in stretches)
        stream = torch.cat([sum(stretch[:1] for stretch in stretches) / len(parts), *(stretch[1:] for stretch in stretches)])
        return self.pool(self.norm("tower.finalNorm", self.blocks("tower", of, range(first, of["layers"]), stream)))

    def blocks(self, name, of, layers, stream, visible=None):
        for layer in layers:
            block = f"{name}.blocks.{layer}"
            stream = stream + self.attention(block, of["heads"], self.norm(block + ".attentionNorm", stream), visible)
            hidden = gelu(self.linear(block + ".up", self.norm(block + ".mlpNorm", stream)))
            stream = stream + self.linear(block + ".down", hidden)
        return stream

    def attention(self, block, heads, normed_SW, visible=None):
        width = normed_SW.shape[1]
        head = width // heads
        queries, keys, values = self.linear(block + ".queryKeyValue", normed_SW).split(width, dim=1)
        mixed = []
        for first in range(0, width, head):
            part = slice(first, first + head)
            scores_SS = queries[:, part] @ keys[:, part].T / math.sqrt(head)
            if visible is not None:
                scores_SS = scores_SS.masked_fill(~visible, -math.inf)
            if self.shape.get("attention") == "causal":
                scores_SS = scores_SS + torch.full_like(scores_SS, -math.inf).triu(1)
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
