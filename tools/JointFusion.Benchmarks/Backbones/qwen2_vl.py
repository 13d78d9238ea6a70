"""Qwen2-VL in its published 2B size with random weights: the checkpoint, what transformers computes from it, pairs to train on, and a trainer of them.

  model FOLDER   config, weights in bfloat16, tokenizer, image processor, and a golden set of the same folder for `jf backbone check`
  data FOLDER    texts and pictures in M-BEIR's layout: text -> picture
  train FOLDER   LoRA on the model with transformers and PEFT: the peer of a run of `jf run`, prints its pairs/s
Needs torch and transformers; the data PIL and numpy, training peft. --small makes it tiny, to try it out.
"""
import argparse
import json
import os
import random
import time

import torch

IMAGE, START, END, LAST = 151655, 151652, 151653, 151643
SIDE, PATCH, MERGE = 448, 14, 2
TEXT = 24  # tokens of a query


def sizes(a):
    if a.small:
        text = dict(hidden_size=64, intermediate_size=96, num_hidden_layers=2, num_attention_heads=4, num_key_value_heads=2)
        return text, dict(depth=2, embed_dim=32, hidden_size=64, num_heads=2, mlp_ratio=4), [2, 3, 3]
    text = dict(hidden_size=1536, intermediate_size=8960, num_hidden_layers=28, num_attention_heads=12, num_key_value_heads=2)
    return text, dict(depth=32, embed_dim=1280, hidden_size=1536, num_heads=16, mlp_ratio=4), [16, 24, 24]


def build(a, dtype):
    """The model on the GPU; weights as initialised from the seed."""
    from transformers import Qwen2VLConfig, Qwen2VLForConditionalGeneration
    text, vision, sections = sizes(a)
    rope = {"rope_type": "default", "mrope_section": sections, "rope_theta": 1000000.0}
    common = dict(vocab_size=151936, max_position_embeddings=32768, rms_norm_eps=1e-6, tie_word_embeddings=True, hidden_act="silu", bos_token_id=LAST, eos_token_id=LAST)
    vision_config = dict(vision, patch_size=PATCH, spatial_merge_size=MERGE, temporal_patch_size=2, in_channels=3, hidden_act="quick_gelu")
    config = Qwen2VLConfig(
        text_config=dict(text, **common, rope_parameters=rope, rope_scaling=rope, rope_theta=1000000.0), vision_config=vision_config, tie_word_embeddings=True,
        image_token_id=IMAGE, video_token_id=151656, vision_start_token_id=START, vision_end_token_id=END)
    config._attn_implementation = "sdpa"
    torch.manual_seed(7)
    old = torch.get_default_dtype()
    torch.set_default_dtype(dtype)
    with torch.device(a.device):
        model = Qwen2VLForConditionalGeneration(config)
    torch.set_default_dtype(old)
    written = dict(text, **common, model_type="qwen2_vl", architectures=["Qwen2VLForConditionalGeneration"], rope_theta=1000000.0, rope_scaling={"type": "mrope", "mrope_section": sections},
                   image_token_id=IMAGE, video_token_id=151656, vision_start_token_id=START, vision_end_token_id=END, vision_token_id=151654, torch_dtype="bfloat16",
                   use_sliding_window=False, sliding_window=32768, max_window_layers=28, vision_config=dict(vision_config, model_type="qwen2_vl"))
    return model.eval(), written


def published_name(name):
    """Of a parameter, as published checkpoints have it."""
    return name.replace("model.visual.", "visual.").replace("model.language_model.", "model.")


def inputs(a, count):
    """Texts and pictures of the golden set: a picture between texts, a text alone; left-padded."""
    g = torch.Generator().manual_seed(3)
    merged = (SIDE // PATCH // MERGE) ** 2
    picture = [START] + [IMAGE] * merged + [END] + torch.randint(4, 98, (TEXT,), generator=g).tolist() + [LAST]
    words = torch.randint(4, 98, (TEXT,), generator=g).tolist() + [LAST]
    ids = torch.tensor([picture, [0] * (len(picture) - len(words)) + words])
    mask = torch.tensor([[1] * len(picture), [0] * (len(picture) - len(words)) + [1] * len(words)])
    pixels = torch.randn((SIDE // PATCH) ** 2, 3 * 2 * PATCH * PATCH, generator=g)
    grid = torch.tensor([[1, SIDE // PATCH, SIDE // PATCH]])
    return ids, mask, pixels, grid


def kinds(ids):
    """Which tokens stand for pictures, as transformers wants to be told."""
    return (ids == IMAGE).int()


def write_model(a):
    from safetensors.torch import save_file
    os.makedirs(a.folder, exist_ok=True)
    model, config = build(a, torch.float32)
    path = lambda name: os.path.join(a.folder, name)
    dump = lambda name, what: json.dump(what, open(path(name), "w"), indent=1)
    weights = {}
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            parameter.copy_(parameter.bfloat16().float())
            if "lm_head" not in name:
                weights[published_name(name)] = parameter.bfloat16().cpu().contiguous()
    save_file(weights, path("model.safetensors"), metadata={"format": "pt"})
    dump("config.json", config)
    letters = {chr(c): 4 + c - 32 for c in range(32, 127)} | {"<unk>": 3}
    special = {"<|endoftext|>": LAST, "<|vision_start|>": START, "<|vision_end|>": END, "<|image_pad|>": IMAGE}
    dump("tokenizer.json", {
        "version": "1.0", "post_processor": None, "model": {"type": "BPE", "unk_token": "<unk>", "vocab": letters | special, "merges": []},
        "added_tokens": [dict(id=i, content=t, single_word=False, lstrip=False, rstrip=False, normalized=False, special=True) for t, i in special.items()]})
    dump("preprocessor_config.json", dict(
        image_processor_type="Qwen2VLImageProcessor", min_pixels=SIDE * SIDE, max_pixels=SIDE * SIDE, patch_size=PATCH, merge_size=MERGE, temporal_patch_size=2, resample=3,
        image_mean=[0.48145466, 0.4578275, 0.40821073], image_std=[0.26862954, 0.26130258, 0.27577711]))
    ids, mask, pixels, grid = inputs(a, 2)
    torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = False
    with torch.no_grad():
        out = model(input_ids=ids.to(a.device), attention_mask=mask.to(a.device), pixel_values=pixels.to(a.device), image_grid_thw=grid.to(a.device),
                    mm_token_type_ids=kinds(ids).to(a.device), output_hidden_states=True)
    states = {f"both.hidden_states.{i}": h for i, h in enumerate(out.hidden_states[:-1]) if i % 7 == 0 or i < 2}
    states["both.last_hidden_state"] = out.hidden_states[-1]
    states = {name: state.float().cpu().contiguous() for name, state in states.items()}
    save_file({"both.input_ids": ids, "both.attention_mask": mask, "both.pixel_values": pixels, "both.image_grid_thw": grid}, path("inputs.safetensors"))
    save_file(states, path("outputs.safetensors"))
    import transformers
    dump("manifest.json", dict(
        set="qwen2_vl-2b", model_class="Qwen2VLForConditionalGeneration", transformers_version=transformers.__version__,
        cases=[dict(name="both", inputs={n: f"both.{n}" for n in ("input_ids", "attention_mask", "pixel_values", "image_grid_thw")}, outputs={
            name: dict(shape=list(s.shape), atol=2e-4 * float(s.abs().max()), rtol=1e-3, compare_where="both.attention_mask == 1") for name, s in states.items()})]))
    print(f"{sum(w.numel() for w in weights.values()):,} parameters written")


def write_data(a):
    from PIL import Image
    import numpy as np
    draw = random.Random(5)
    pixels = np.random.default_rng(5)
    for folder in ("cand_pool/local", "query/train", "query/val", "qrels/val", "instructions", "mbeir_images"):
        os.makedirs(os.path.join(a.folder, folder), exist_ok=True)
    write = lambda name, lines: open(os.path.join(a.folder, name), "w").write("".join(line + "\n" for line in lines))
    count = a.pairs
    for n in range(1, count + 1):
        small = pixels.integers(0, 256, (16, 16, 3), dtype=np.uint8)
        Image.fromarray(small).resize((SIDE, SIDE), Image.BICUBIC).save(os.path.join(a.folder, f"mbeir_images/{n}.jpg"), quality=90)
    text = lambda: "".join(draw.choice("abcdefghijklmnopqrstuvwxyz") for _ in range(TEXT - 1)).capitalize() + "."
    query = lambda qid, n: json.dumps(dict(qid=f"12:{qid}", query_txt=text(), query_img_path=None, query_modality="text", pos_cand_list=[f"12:{n}"], neg_cand_list=[]))
    write("cand_pool/local/mbeir_noise_task0_cand_pool.jsonl", [json.dumps(dict(did=f"12:{n}", txt=None, img_path=f"mbeir_images/{n}.jpg", modality="image")) for n in range(1, count + 1)])
    write("query/train/mbeir_noise_train.jsonl", [query(10000 + n, n) for n in range(1, count + 1)])
    write("query/val/mbeir_noise_task0_val.jsonl", [query(20000 + n, n) for n in range(1, 3)])
    write("qrels/val/mbeir_noise_task0_val_qrels.txt", [f"12:{20000 + n} 0 12:{n} 1 0" for n in range(1, 3)])
    write("instructions/query_instructions.tsv", ["query_modality\tcand_modality\tdataset_name\tdataset_id\tprompt_1", "text\timage\tnoise\t12\tFind it."])


def train(a):
    from peft import LoraConfig, get_peft_model
    model, _ = build(a, torch.bfloat16)
    model = get_peft_model(model.model, LoraConfig(r=16, lora_alpha=32, target_modules=r".*language_model.*\.(q_proj|v_proj)"))
    if a.recompute:
        model.gradient_checkpointing_enable(gradient_checkpointing_kwargs={"use_reentrant": False})
        model.enable_input_require_grads()
    model.train()
    trained = [p for p in model.parameters() if p.requires_grad]
    temperature = torch.nn.Parameter(torch.tensor(0.07, device=a.device).log())
    optimizer = torch.optim.AdamW(trained + [temperature], lr=1e-4, fused=True)
    merged, g = (SIDE // PATCH // MERGE) ** 2, torch.Generator().manual_seed(1)
    picture = torch.tensor([[START] + [IMAGE] * merged + [END, LAST]] * a.batch)
    grid = torch.tensor([[1, SIDE // PATCH, SIDE // PATCH]] * a.batch, device=a.device)
    last = lambda out: torch.nn.functional.normalize(out.last_hidden_state[:, -1].float(), dim=1)
    for step in range(a.steps):
        if step == a.warmup:
            torch.cuda.synchronize()
            start = time.perf_counter()
        words = torch.randint(4, 98, (a.batch, TEXT + 1), generator=g)
        pixels = torch.randint(0, 256, (a.batch * (SIDE // PATCH) ** 2, 3 * 2 * PATCH * PATCH), generator=g, dtype=torch.uint8)
        pixels = pixels.to(a.device).bfloat16().sub_(127.5).mul_(1 / 70)
        with torch.autocast("cuda", dtype=torch.bfloat16):
            queries = last(model(input_ids=words.to(a.device), attention_mask=torch.ones_like(words).to(a.device)))
            found = last(model(input_ids=picture.to(a.device), attention_mask=torch.ones_like(picture).to(a.device), pixel_values=pixels, image_grid_thw=grid,
                               mm_token_type_ids=kinds(picture).to(a.device)))
        loss = torch.nn.functional.cross_entropy(queries @ found.t() / temperature.exp(), torch.arange(a.batch, device=a.device))
        loss.backward()
        norm = torch.nn.utils.clip_grad_norm_(trained, 1.0)
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
        loss.item(), norm.item()
    torch.cuda.synchronize()
    rate = a.batch * (a.steps - a.warmup) / (time.perf_counter() - start)
    print(json.dumps(dict(pairs_per_s=rate, trained=sum(p.numel() for p in trained), peak_gib=torch.cuda.max_memory_allocated() / 2**30)))


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("what", choices=("model", "data", "train"))
    p.add_argument("folder", nargs="?")
    p.add_argument("--small", action="store_true")
    p.add_argument("--device", default="cuda")
    p.add_argument("--pairs", type=int, default=512)
    p.add_argument("--batch", type=int, default=16)
    p.add_argument("--steps", type=int, default=24)
    p.add_argument("--warmup", type=int, default=4)
    p.add_argument("--recompute", action="store_true")
    a = p.parse_args()
    dict(model=write_model, data=write_data, train=train)[a.what](a)


main()
