"""Transformers on a CUDA device in float16: captions of exactly 20 tokens, in milliseconds.

reference.py CHECKPOINT IMAGE"""
import sys
import time

import torch
from PIL import Image
from transformers import Blip2ForConditionalGeneration
from transformers.models.blip.image_processing_pil_blip import BlipImageProcessorPil

start = time.time()
model = Blip2ForConditionalGeneration.from_pretrained(sys.argv[1], dtype=torch.float16).to("cuda").eval()
print(f"loaded in {time.time() - start:.1f} s; {torch.cuda.get_device_name()}; PyTorch {torch.__version__}", flush=True)
processor = BlipImageProcessorPil(size={"height": 224, "width": 224})
image = Image.open(sys.argv[2]).convert("RGB")


def timed(what):
    torch.cuda.synchronize()
    start = time.time()
    with torch.no_grad():
        result = what()
    torch.cuda.synchronize()
    return 1000 * (time.time() - start), result


for run in range(4):
    pixels = processor(image, return_tensors="pt")["pixel_values"].to("cuda", torch.float16)
    vision, _ = timed(lambda: model.vision_model(pixels))
    total, ids = timed(lambda: model.generate(pixels, max_new_tokens=20, min_new_tokens=20, do_sample=False)[0])
    print(f"{'to warm up' if run == 0 else 'caption'}: {total:.0f} ms, vision encoder alone {vision:.0f} ms, ids {ids[-20:].tolist()[:5]}")
print(f"most memory of the device: {torch.cuda.max_memory_allocated() / 1e9:.2f} GB")
