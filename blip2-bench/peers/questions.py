"""The reference's side of `blip2-bench/run questions`: an answer to a prompt about a picture, which it encodes each time.

    pip install torch==2.13.0 transformers==5.18.0 pillow safetensors
    python questions.py MODEL IMAGE [--prompt TEXT] [--tokens 5] [--runs 3] [--threads 2]
"""
import argparse, time
import torch
from PIL import Image
from tokenizers import Tokenizer
from transformers import Blip2ForConditionalGeneration
from transformers.models.blip.image_processing_pil_blip import BlipImageProcessorPil

ap = argparse.ArgumentParser()
ap.add_argument("model"); ap.add_argument("image")
ap.add_argument("--prompt", default="Question: what is it? Answer:")
ap.add_argument("--tokens", type=int, default=5); ap.add_argument("--runs", type=int, default=3)
ap.add_argument("--threads", type=int, default=2)
a = ap.parse_args()
torch.set_num_threads(a.threads)
model = Blip2ForConditionalGeneration.from_pretrained(a.model, dtype=torch.float32).eval()
side = model.config.vision_config.image_size
processor = BlipImageProcessorPil(size={"height": side, "width": side})
ids = [model.config.image_token_index] * model.config.num_query_tokens + Tokenizer.from_file(f"{a.model}/tokenizer.json").encode(a.prompt).ids
for run in range(a.runs):
    start = time.time()
    pixels = processor(Image.open(a.image).convert("RGB"), return_tensors="pt")["pixel_values"]
    with torch.no_grad():
        new = model.generate(pixel_values=pixels, input_ids=torch.tensor([ids]), attention_mask=torch.ones(1, len(ids), dtype=torch.long),
                             max_new_tokens=a.tokens, min_new_tokens=a.tokens, do_sample=False)[0, -a.tokens:].tolist()
    print(f"{'warm-up' if run == 0 else 'measured'} question {time.time() - start:.3f} s, prompt of {len(ids)} tokens; first ids {new}", flush=True)
