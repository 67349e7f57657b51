"""The reference's side of a comparison: captions a picture with Hugging Face Transformers on the CPU.

    pip install torch==2.13.0 transformers==5.18.0 pillow safetensors
    python reference.py MODEL IMAGE [--tokens 20] [--runs 3] [--threads 2] [--dtype float32]

Prints the same lines as `blip2-bench/run caption`, which compare.py reads.
"""
import argparse, time
import torch
from PIL import Image
from transformers import Blip2ForConditionalGeneration
from transformers.models.blip.image_processing_pil_blip import BlipImageProcessorPil

ap = argparse.ArgumentParser()
ap.add_argument("model"); ap.add_argument("image")
ap.add_argument("--tokens", type=int, default=20); ap.add_argument("--runs", type=int, default=3)
ap.add_argument("--threads", type=int, default=2); ap.add_argument("--dtype", default="float32")
a = ap.parse_args()
torch.set_num_threads(a.threads)


def memory():
    with open("/proc/self/status") as f: fields = dict(line.split(":", 1) for line in f)
    gb = lambda k: int(fields[k].split()[0]) * 1024 / 1e9
    return f"resident {gb('VmRSS'):.2f} GB, peak {gb('VmHWM'):.2f} GB, private {gb('RssAnon'):.2f} GB"


start = time.time()
model = Blip2ForConditionalGeneration.from_pretrained(a.model, dtype=getattr(torch, a.dtype)).eval()
print(f"reference: load {time.time() - start:.2f} s; {memory()}", flush=True)
side = model.config.vision_config.image_size
processor = BlipImageProcessorPil(size={"height": side, "width": side})
spent = {}


def timed(module, name):
    """Adds up the time of a module's calls under a name."""
    def before(*_): spent[name + "/start"] = time.time()
    def after(*_): spent.setdefault(name, []).append(time.time() - spent[name + "/start"])
    module.register_forward_pre_hook(before); module.register_forward_hook(after)


timed(model.vision_model, "vision"); timed(model.qformer, "qformer"); timed(model.language_model, "language")
seq2seq = not model.config.use_decoder_only_language_model
if seq2seq: timed(model.language_model.get_encoder(), "encoder")
for run in range(a.runs):
    spent.clear()
    start = time.time()
    pixels = processor(Image.open(a.image).convert("RGB"), return_tensors="pt")["pixel_values"].to(model.dtype)
    prepared = time.time() - start
    with torch.no_grad():
        ids = model.generate(pixels, max_new_tokens=a.tokens, min_new_tokens=a.tokens, do_sample=False)[0]
    total = time.time() - start
    steps = spent["language"]
    steps[0] += sum(spent.get("encoder", []))  # what is read in front of the first token
    first = ids[-a.tokens:].tolist()[:5]
    print(("warm-up " if run == 0 else "caption ") + f"total {total:.2f} s: preprocessing {prepared:.3f}, vision {sum(spent['vision']):.2f}, "
          f"qformer {sum(spent['qformer']):.2f}, prefill {steps[0]:.2f}, decode {sum(steps[1:]):.2f} ({1000 * sum(steps[1:]) / max(1, len(steps) - 1):.0f} ms a token); "
          f"{a.tokens} tokens, first ids {first}", flush=True)
print("reference:", memory(), flush=True)
